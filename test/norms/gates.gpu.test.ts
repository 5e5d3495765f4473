// Gates and skips under all plans, with NaN in masked places, in place and into given tensors, and what
// the generic tests cannot draw. The generic random problems have gates as classes of their common
// options.

import { expect } from "vitest";
import * as library from "../../src/index";
import {
  type Context,
  gateOf,
  layerNorm,
  layerNormBackward,
  maskOf,
  rmsNorm,
  rmsNormBackward,
  skipOf,
  type Tensor,
} from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import { BACKWARD } from "../reference/backward";
import { validElements } from "../reference/masked";
import type { Values } from "../support/arrays";
import { gatedClasses } from "../support/common_options";
import { difference, inChunks } from "../support/comparison";
import { seeds, test } from "../support/fixture";
import { settle } from "../support/gradient_operations";
import { randomProblem } from "../support/make_problems";
import { rows } from "../support/operations";
import type { Problem } from "../support/problem";
import { Random } from "../support/random";
import { expected } from "../support/tolerance";

const GATED = rows.filter(({ common }) => common !== false);

const randomForces = (random: Random): PlanOverrides => ({
  split: random.pick([true, false, undefined]),
  columns: random.pick([true, false, undefined]),
  vectorWidth: random.pick([1, 4, undefined]),
  team: random.pick([1, 4, 64, undefined]),
  inRegisters: random.pick([true, false, undefined]),
  slices: random.pick([1, 2, 5, 1000, undefined]),
  deferInner: random.pick([true, false, undefined]),
  fuseParameterGradients: random.pick([true, false, undefined]),
});

/** NaN and infinity in masked places of arrays of x's shape, where no result shows them. */
function poisoned(problem: Problem, random: Random): Problem {
  const { options, inputs } = problem;
  const { mask, x } = inputs;
  if (!mask || typeof options.fill !== "number" || options.residualOut) return problem;
  const valid = validElements(x, mask);
  const spoil = ({ shape, data }: Values): Values => ({
    shape,
    data: data.map((value, i) => {
      return valid[i] ? value : random.pick([Number.NaN, Infinity, -Infinity, 3e38]);
    }) as Float32Array,
  });
  // what arrives at the sum leads to x, everywhere
  const names = ["gate", ...(inputs.dSum ? [] : ["x", "sum", "residualGate"])];
  const own = names.flatMap((name) => {
    const values = inputs[name];
    return values && String(values.shape) === String(x.shape) ? [[name, spoil(values)]] : [];
  });
  return { ...problem, inputs: { ...inputs, ...Object.fromEntries(own) } };
}

test.for(["norm", "gradient"] as const)(
  "random gated %ss under random forces agree with float64",
  async (kind, { ctx }) => {
    const failures = await inChunks(seeds(), async (seed) => {
      const random = new Random(seed);
      const operation = random.pick(GATED.filter((one) => one.kind === kind));
      const problem = randomProblem(operation, random, random.pick(gatedClasses(operation)));
      const force = randomForces(random);
      if (kind === "gradient") settle(problem);
      const judged = expected(problem);
      const found = await ctx.forced(force, () =>
        difference(ctx, poisoned(problem, random), judged),
      );
      return found && `seed ${seed}, ${JSON.stringify(force)}: ${found}`;
    });
    expect(failures).toEqual([]);
  },
);

const SHAPE = [6, 64];
const LAST = [64];

function arrays(ctx: Context, seed = 1) {
  const random = new Random(seed);
  return (shape: readonly number[] = SHAPE, dtype?: "f16") =>
    ctx.tensor(
      random.normals(
        shape.reduce((a, b) => a * b),
        0,
        1,
      ),
      shape,
      { dtype },
    );
}

const read = async (tensor: Tensor | undefined) => [...((await tensor?.read()) ?? [])];

const near = (given: readonly number[], wanted: readonly number[], within: number) => {
  expect(given.length).toBe(wanted.length);
  for (const [i, v] of given.entries()) {
    expect(Math.abs(v - wanted[i]), `[${i}]`).toBeLessThanOrEqual(within);
  }
};

test("y takes the place of a gate, a skip, or x", async ({ ctx }) => {
  const make = arrays(ctx);
  const [x, z, h] = [make(), make(), make()];
  const weight = make(LAST);
  const copyOf = async (tensor: Tensor) => ctx.tensor(await tensor.read(), SHAPE);
  for (const first of [false, true]) {
    const gate = gateOf(z, { first });
    const options = { normalizedShape: LAST, weight };
    const judge = await read(rmsNorm(x, { ...options, gate, skip: skipOf(h) }));
    for (const force of [{}, { split: true }, { inRegisters: false, split: false }]) {
      const [a, b, c] = [await copyOf(x), await copyOf(z), await copyOf(h)];
      const places = ctx.forced(force, () => [
        rmsNorm(a, { ...options, gate, skip: skipOf(h), out: a }),
        rmsNorm(x, { ...options, gate: gateOf(b, { first }), skip: skipOf(h), out: b }),
        rmsNorm(x, { ...options, gate, skip: skipOf(c), out: c }),
      ]);
      expect(places).toEqual([a, b, c]);
      // sums of other plans have another order
      for (const place of places) near(await read(place), judge, 4e-6);
    }
  }
});

test("gradients go to given tensors, are added there, and take the place of dy", async ({
  ctx,
}) => {
  const make = arrays(ctx, 2);
  const [x, sum, dy, z, r, h] = [make(), make(), make(), make(), make(LAST), make(LAST)];
  for (const first of [false, true]) {
    const options = {
      ...{ normalizedShape: LAST, x, sum, weight: make(LAST), residualBias: make(LAST) },
      gate: gateOf(z, { first, activation: "gelu" }),
      skip: skipOf(h, { gate: r }),
      residualGate: gateOf(r),
    } as const;
    const plain = layerNormBackward(dy, options);
    const before = await Promise.all(Object.values(plain).map(read));
    const names = Object.keys(plain) as (keyof typeof plain)[];
    expect(names.toSorted()).toEqual([
      ...["dGate", "dResidual", "dResidualBias", "dResidualGate", "dSkip", "dSkipGate"],
      ...["dWeight", "dx"],
    ]);
    const targets = Object.fromEntries(
      names.map((name) => [
        name,
        ctx.tensor(new Float32Array(plain[name].size).fill(2), plain[name].shape),
      ]),
    );
    layerNormBackward(dy, { ...options, out: targets, accumulate: true });
    for (const [k, name] of names.entries()) {
      const given = (await read(targets[name])).map((v) => v - 2);
      near(given, before[k], 2e-6 * Math.max(1, ...before[k].map(Math.abs)));
    }
    const [own, ofX] = [ctx.tensor(await dy.read(), SHAPE), ctx.tensor(await x.read(), SHAPE)];
    layerNormBackward(own, { ...options, out: { dx: own } });
    expect(await read(own)).toEqual(before[names.indexOf("dx")]);
    if (first) continue;
    const { sum: _, residualGate: __, ...others } = options;
    const judge = await read(layerNormBackward(dy, others).dx);
    layerNormBackward(dy, { ...others, x: ofX, out: ofX });
    near(await read(ofX), judge, 4e-6);
  }
});

test("each gradient alone is that among all", async ({ ctx }) => {
  const make = arrays(ctx, 3);
  const [x, sum, dy, dSum, z, r] = [make(), make(), make(), make(), make(), make([6, 1])];
  for (const first of [false, true]) {
    const options = {
      ...{ normalizedShape: LAST, x, sum, dSum, bias: make(LAST), residualBias: make(LAST) },
      ...{ scale: make(LAST), scaleOffset: 0, gate: gateOf(z, { first }) },
      activation: "silu",
      ...{ skip: skipOf(make(LAST), { gate: r }), residualGate: gateOf(r) },
    } as const;
    const all = layerNormBackward(dy, options);
    for (const name of Object.keys(all) as (keyof typeof all)[]) {
      const alone = layerNormBackward(dy, { ...options, gradients: [name] });
      expect(Object.keys(alone)).toEqual([name]);
      const [ours, theirs] = [await read(alone[name as "dx"]), await read(all[name])];
      near(ours, theirs, 2e-6 * Math.max(1, ...theirs.map(Math.abs)));
    }
  }
});

test("an activation and a gate may have the same function with other numbers", async ({ ctx }) => {
  const make = arrays(ctx, 4);
  const [x, z] = [make(), make()];
  const y = await read(layerNorm(x, { normalizedShape: LAST }));
  const [values, sigmoid] = [await read(z), (v: number) => 1 / (1 + Math.exp(-v))];
  const both = layerNorm(x, {
    normalizedShape: LAST,
    activation: { name: "swish", alpha: 2 },
    gate: gateOf(z, { activation: { name: "swish", alpha: 0.5 } }),
  });
  const wanted = y.map((v, i) => v * sigmoid(2 * v) * values[i] * sigmoid(values[i] / 2));
  near(await read(both), wanted, 1e-5);
});

test("the defaults: silu for a gate, none for a gate of the residual", async ({ ctx }) => {
  const make = arrays(ctx, 5);
  const [x, z] = [make(), make()];
  const options = { normalizedShape: LAST };
  const [usual, named] = [gateOf(z), gateOf(z, { activation: "silu" })].map((gate) =>
    rmsNorm(x, { ...options, gate }),
  );
  expect(await read(usual)).toEqual(await read(named));
  const [plain, open] = [gateOf(z), gateOf(z, { activation: "none" })].map((residualGate) =>
    rmsNorm(x, { ...options, residualGate, residualOut: true }),
  );
  const [values, product] = [await read(x), await read(z)];
  expect(await read(plain.sum)).toEqual(values.map((v, i) => Math.fround(v * product[i])));
  expect(await read(plain.y)).toEqual(await read(open.y));
});

test("NaN in masked places of gates reaches nothing valid", async ({ ctx }) => {
  const make = arrays(ctx, 6);
  const flags = Float32Array.from({ length: 6 * 64 }, (_, i) => Number(i % 5 !== 1));
  const spoiled = async (tensor: Tensor) => {
    const data = await tensor.read();
    return ctx.tensor(
      data.map((v, i) => (flags[i] ? v : Number.NaN)),
      SHAPE,
    );
  };
  const [x, dy, z, r] = [make(), make(), make(), make()];
  const [zNaN, rNaN] = [await spoiled(z), await spoiled(r)];
  const isValid = (values: readonly number[]) =>
    values.length === 64 ? values : values.filter((_, i) => flags[i] === 1);
  for (const fill of [0, "apply", "keep"] as const) {
    const mask = maskOf(flags, { shape: SHAPE, fill });
    for (const first of [false, true]) {
      const weight = arrays(ctx, 7)(LAST);
      const run = (gate: Tensor, residual: Tensor) => {
        const options = {
          ...{ normalizedShape: LAST, weight, mask, residualGate: gateOf(residual) },
          ...{ gate: gateOf(gate, { first }), skip: skipOf(weight, { gate: residual }) },
        };
        const { y, sum } = layerNorm(x, { ...options, residualOut: true });
        return { y, ...layerNormBackward(dy, { ...options, x, sum }) };
      };
      const [judge, given] = [run(z, r), run(zNaN, rNaN)];
      for (const name of Object.keys(judge) as (keyof typeof judge)[]) {
        const [ours, theirs] = [await read(given[name]), await read(judge[name])];
        const [mine, own] = [isValid(ours), isValid(theirs)];
        if (fill === 0) near(mine, own, 0);
        else expect(mine.filter(Number.isNaN), `${name}, ${fill}, ${first}`).toEqual([]);
      }
    }
  }
});

/** Kernels, by what only their text has. */
const KERNELS = {
  "rows that leave records": "records[record + vector]",
  "segments in registers": "gradientRegisters[i] = gradAffine",
  "segments that are read again": "let left = select(0u, (vectors + TEAM - 1u) / TEAM, job.live)",
  "dx from the sums of parameters":
    "let own = normalizerAt(at.statistics);\n  let u = applyNormalizer(x, own);\n  let g = gradAffine",
  "dx from registers": "registers[i];\n      let u",
  "dx from memory": "fn dxAt(",
};

const PLANS: readonly PlanOverrides[] = [
  { inRegisters: true, team: 16, split: false },
  { inRegisters: false, team: 16, split: false },
  { inRegisters: false, team: 4, split: false, vectorWidth: 1 },
  { split: true, fuseParameterGradients: true },
  { split: true, fuseParameterGradients: false, slices: 5 },
  { inRegisters: true, columns: true, fuseParameterGradients: false },
];

// each plan compiles kernels of its own, which takes a software adapter long
test("gated gradients of all plans agree with float64", { timeout: 480_000 }, async ({
  ctx,
  freshDevice,
}) => {
  const adapter = await navigator.gpu.requestAdapter();
  const most = Math.min(16, adapter?.limits.maxStorageBuffersPerShaderStage ?? 8);
  const limits = { requiredLimits: { maxStorageBuffersPerShaderStage: most } };
  const roomy = await library.createContext({ device: await freshDevice(limits) });
  const found = new Set<string>();
  const cases = [
    { name: "layerNorm", shape: [96, 128], parameters: [128], own: { normalizedShape: [128] } },
    { name: "groupNorm", shape: [3, 8, 8, 16], parameters: [8], own: { groups: 4 } },
    { name: "instanceNorm", shape: [3, 4, 12, 16], parameters: [4], own: {} },
  ];
  // a gate alone, all gates with few bindings, in passes of their own, and with many, in the norm's
  const every = cases.flatMap((one, c) =>
    PLANS.flatMap((force, i) => [
      { ...one, force, on: ctx, alone: true, first: (c + i) % 2 === 0, seed: i },
      { ...one, force, on: i === c ? ctx : roomy, alone: false, first: (c + i) % 2 === 1, seed: i },
    ]),
  );
  for (const { name, shape, parameters, own, first, force, on, alone, seed } of every) {
    const random = new Random(seed + 1);
    const channel = shape.length === 2 ? [shape[1]] : [shape[1], 1, 1];
    const make = (of: readonly number[]): Values => {
      const count = of.reduce((a, b) => a * b);
      return { shape: of, data: Float32Array.from(random.normals(count, 0.2, 1)) };
    };
    const values = {
      ...{ x: make(shape), weight: make(parameters), bias: make(parameters), gate: make(shape) },
      ...(!alone && {
        ...{ sum: make(shape), dSum: make(shape), skip: make(shape), skipGate: make(shape) },
        ...{ residualGate: make(channel), residualBias: make(shape) },
      }),
    };
    const dy = make(shape);
    const tensors = Object.fromEntries(
      Object.entries(values).map(([key, v]) => [key, on.tensor(v.data as Float32Array, v.shape)]),
    );
    const { gate, skip, skipGate, residualGate, ...arrays } = tensors;
    const options = {
      ...{ ...own, ...arrays, gate: gateOf(gate, { first, activation: "gelu" }) },
      ...(!alone && { skip: skipOf(skip, { gate: skipGate }), residualGate: gateOf(residualGate) }),
    };
    const operation = (library as unknown as Record<string, typeof layerNormBackward>)[
      `${name}Backward`
    ];
    const [results, plan] = on.forced(force, () => [
      operation(on.tensor(dy.data as Float32Array, shape), options as never),
      library.explain(on, operation as never, { ...options, shape } as never),
    ]);
    for (const { wgsl } of plan.passes) {
      for (const [kernel, text] of Object.entries(KERNELS)) {
        if (wgsl.includes(text)) found.add(kernel);
      }
    }
    const { residual, ...others } = { residual: undefined, ...values };
    const judged = BACKWARD[`${name}Backward`](dy, {
      ...{ ...own, ...others, gateFirst: first, gateActivation: "gelu" },
    } as never);
    for (const [gradient, tensor] of Object.entries(results)) {
      const { data } = judged[gradient];
      const size = Math.max(1, ...Array.from(data, Math.abs));
      const label = `${name} ${gradient} ${JSON.stringify({ force, first, alone, most })}`;
      (await (tensor as Tensor).read()).forEach((v, i) => {
        if (!(Math.abs(v - data[i]) <= 2e-5 * size))
          expect.fail(`${label}[${i}]: ${v}, ${data[i]}`);
      });
    }
  }
  // on a GPU, which has other teams, these plans need not meet all of them
  if (ctx.profile.kind === "cpu") expect([...found].sort()).toEqual(Object.keys(KERNELS).sort());
  roomy.destroy();
});

const context = (f: (ctx: Context, x: Tensor) => unknown) => (ctx: Context) =>
  f(ctx, ctx.tensor(new Float32Array(24), [2, 3, 4]));

const norm = (options: object) =>
  context((_, x) => layerNorm(x, { normalizedShape: [4], ...options } as never));

const ERRORS: readonly (readonly [(ctx: Context) => unknown, message: string])[] = [
  [
    context((_, x) => gateOf(x, { activation: "prelu" as never })),
    'gateOf: activation "prelu", expected another, or "none"',
  ],
  [
    context((_, x) => gateOf(x, { activation: "swich" as never })),
    'gateOf: activation "swich", expected one of relu, ',
  ],
  [context((_, x) => gateOf(x, { first: 1 as never })), "gateOf: first 1, expected true or false"],
  [() => gateOf(undefined as never), "gateOf: the first argument is undefined, expected a tensor"],
  [() => skipOf(null as never), "skipOf: the first argument is null, expected a tensor"],
  [
    (ctx) => norm({ gate: gateOf(ctx.empty([5])) })(ctx),
    "layerNorm: gate has shape [5], expected one that broadcasts to [2, 3, 4]",
  ],
  [
    (ctx) => norm({ skip: skipOf(ctx.empty([4]), { gate: ctx.empty([3]) }) })(ctx),
    "layerNorm: skipGate has shape [3], expected one that broadcasts to [2, 3, 4]",
  ],
  [
    context((_, x) => layerNorm(x, { normalizedShape: [4], gate: x as never })),
    "layerNorm: gate an object, expected a gate of gateOf",
  ],
  [
    context((_, x) => layerNorm(x, { normalizedShape: [4], residualGate: skipOf(x) as never })),
    "expected a gate of gateOf",
  ],
  [
    context((_, x) => layerNorm(x, { normalizedShape: [4], skip: gateOf(x) as never })),
    "expected a skip of skipOf",
  ],
  [
    context((_, x) =>
      layerNorm(x, { normalizedShape: [4], residualGate: gateOf(x, { activation: "tanh" }) }),
    ),
    'layerNorm: residualGate has activation "tanh", expected none',
  ],
  [
    context((_, x) =>
      layerNorm(x, { normalizedShape: [4], residualGate: gateOf(x, { first: true }) }),
    ),
    "layerNorm: residualGate has first true, expected none",
  ],
  [norm({ scaleOffset: 0 }), "layerNorm: scaleOffset is 0, expected a scale beside it"],
  [
    context((_, x) => layerNormBackward(x, { normalizedShape: [4], x, residualGate: gateOf(x) })),
    "layerNormBackward: sum is missing, expected the forward's, beside its x, with residualGate",
  ],
  [
    context((_, x) => layerNormBackward(x, { normalizedShape: [4], x, sum: x })),
    "layerNormBackward: sum is given without residualGate, expected none as x is the sum",
  ],
  [
    context((_, x) =>
      rmsNormBackward(x, { normalizedShape: [4], x, gradients: ["dGate"] as never }),
    ),
    "expected some of dx in an array",
  ],
];

test("wrong gates are errors at the call", ({ ctx }) => {
  for (const [call, message] of ERRORS) expect(() => call(ctx), message).toThrow(message);
});

test("explain and prepare know gates by their shapes", async ({ ctx }) => {
  const gates = { gate: gateOf(true), skip: skipOf({ shape: LAST }, { gate: true }) };
  const options = { shape: SHAPE, normalizedShape: LAST, ...gates };
  expect(library.explain(ctx, rmsNorm, options).passes.length).toBe(1);
  const prepared = await library.prepare(ctx, rmsNorm, options);
  const make = arrays(ctx, 8);
  const [x, gate, skip, skipGate] = [make(), make(), make(LAST), make()];
  const encoder = ctx.device.createCommandEncoder();
  const y = prepared.encode(encoder, { x, gate, skip, skipGate });
  ctx.device.queue.submit([encoder.finish()]);
  const direct = rmsNorm(x, {
    normalizedShape: LAST,
    gate: gateOf(gate),
    skip: skipOf(skip, { gate: skipGate }),
  });
  expect(await read(y)).toEqual(await read(direct));
  const backward = await library.prepare(ctx, rmsNormBackward, {
    ...{ shape: SHAPE, normalizedShape: LAST, x: true, sum: true },
    ...{ gate: gateOf(true, { first: true }), residualGate: gateOf({ shape: LAST }) },
  });
  const [dy, sum, residualGate] = [make(), make(), make(LAST)];
  const again = ctx.device.createCommandEncoder();
  const made = backward.encode(again, { dy, x, sum, gate, residualGate });
  ctx.device.queue.submit([again.finish()]);
  const judge = rmsNormBackward(dy, {
    ...{ normalizedShape: LAST, x, sum },
    ...{ gate: gateOf(gate, { first: true }), residualGate: gateOf(residualGate) },
  });
  for (const name of ["dx", "dGate", "dResidual", "dResidualGate"] as const) {
    expect(await read(made[name]), name).toEqual(await read(judge[name]));
  }
});

test("a gated norm is one pass with one more read", ({ ctx }) => {
  const shape = [256, 1024];
  const plain = library.explain(ctx, rmsNorm, { shape, normalizedShape: [1024] });
  for (const first of [false, true]) {
    const gate = gateOf(true, { first });
    const gated = library.explain(ctx, rmsNorm, { shape, normalizedShape: [1024], gate });
    expect(gated.passes.length).toBe(plain.passes.length);
    expect(gated.bytes).toBe(plain.bytes + 4 * 256 * 1024);
  }
});
