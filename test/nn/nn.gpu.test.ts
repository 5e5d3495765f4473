// webgpu-norm/nn: modules against PyTorch's over some steps, their states, what they own, and
// misuse.

import { describe, expect } from "vitest";
import { type Context, NormError, type Tensor } from "../../src/index";
import * as nn from "../../src/nn/index";
import type { Values } from "../support/arrays";
import {
  caught,
  destroyed,
  type ErrorCase,
  expectMessage,
  testErrors,
} from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import {
  type ModuleVector,
  moduleOf,
  moduleVectors,
  type State,
  type Step,
  tensorOf,
  trainingVector,
} from "../support/vectors_nn";

const UNIT = 2 ** -24;
// y may be off by 34 units of the data's deviation (2e-6, see test/support/tolerance.ts), which no array here
// exceeds by less than half; gradients are sums of products of two such values
const UNITS = 64;
// five steps of descent, each of which carries its rounding on to the next
const TRAINED_UNITS = 10 * UNITS;

function expectNear(given: Float32Array, { data }: Values, name: string, units = UNITS): void {
  expect(given.length, name).toBe(data.length);
  const most = Math.max(1, ...Array.from(data, Math.abs));
  given.forEach((value, i) => {
    const off = Math.abs(value - data[i]);
    expect(off, `${name}[${i}]: ${value} for ${data[i]}`).toBeLessThan(units * UNIT * most);
  });
}

async function expectState(module: nn.NormModule, expected: State, units = UNITS) {
  const state = await module.stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const { shape, data } = state[name];
    const values = typeof value === "number" ? { shape: [], data: Float32Array.of(value) } : value;
    expect(shape, name).toEqual(values.shape);
    expectNear(data, values, name, units);
  }
}

async function expectGradients(module: nn.NormModule, expected: Record<string, Values>) {
  const named = module.namedParameters();
  expect(named.map(([name]) => name)).toEqual(Object.keys(expected));
  for (const [name, { grad, shape }] of named) {
    expect(grad?.shape, name).toEqual(shape);
    expectNear((await grad?.read()) ?? new Float32Array(), expected[name], `gradient of ${name}`);
  }
}

/** A forward and a backward. */
async function expectStep(module: nn.NormModule, { x, dy, y, dx }: Step, name: string) {
  const [input, gradient] = [x, dy].map((values) => tensorOf(module.context, values));
  const results = [module.forward(input), module.backward(gradient)];
  expectNear(await results[0].read(), y, `y of ${name}`);
  expectNear(await results[1].read(), dx, `dx of ${name}`);
  for (const tensor of [input, gradient, ...results]) tensor.destroy();
}

describe("as PyTorch's", () => {
  for (const vector of moduleVectors) {
    test(vector.id, async ({ ctx }) => {
      using module = moduleOf(ctx, vector);
      expect(module.training).toBe(true);
      module.loadStateDict(vector.initial);
      for (const [i, step] of vector.steps.entries()) {
        await expectStep(module, step, `step ${i + 1}`);
      }
      await expectGradients(module, vector.gradients);
      await expectState(module, vector.trained);
      module.eval().zeroGrad();
      await expectStep(module, vector.evaluation, "evaluation");
      await expectGradients(module, vector.evaluation.gradients);
      await expectState(module, vector.trained);
    });
  }
});

const DESCENT = `
@group(0) @binding(0) var<storage, read_write> data: array<f32>;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
override rate: f32;
@compute @workgroup_size(1) fn main(@builtin(workgroup_id) id: vec3u) {
  data[id.x] -= rate * gradient[id.x];
}`;

/** Gradient descent on the caller's side: a kernel over the buffers of parameters and gradients. */
function descent(device: GPUDevice, rate: number) {
  const compute = {
    module: device.createShaderModule({ code: DESCENT }),
    constants: { rate },
  };
  const pipeline = device.createComputePipeline({ layout: "auto", compute });
  return ({ data, grad }: nn.Parameter) => {
    const buffers = [data.buffer, grad?.buffer as GPUBuffer];
    const layout = pipeline.getBindGroupLayout(0);
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
    pass.dispatchWorkgroups(data.size);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}

test("two modules are trained as in PyTorch", async ({ ctx, device }) => {
  const { initial, trained, rate, losses, x, target } = trainingVector;
  using first = new nn.BatchNorm(ctx, 3);
  using second = new nn.LayerNorm(ctx, [3, 4]);
  const model = [first, second];
  for (const [i, module] of model.entries()) {
    module.loadStateDict(initial as never, { prefix: `${i}.`, strict: true });
  }
  const descend = descent(device, rate);
  const input = tensorOf(ctx, x);
  for (const loss of losses) {
    for (const module of model) module.zeroGrad();
    const hidden = first.forward(input);
    const errors = (await second.forward(hidden).read()).map((v, i) => v - target.data[i]);
    const dy = ctx.tensor(errors, target.shape);
    first.backward(second.backward(dy));
    for (const module of model) module.parameters().forEach(descend);
    const found = errors.reduce((sum, v) => sum + v * v, 0) / 2;
    expect(Math.abs(found / loss - 1)).toBeLessThan(TRAINED_UNITS * UNIT);
  }
  for (const [i, module] of model.entries()) {
    const own = Object.entries(trained).filter(([name]) => name.startsWith(`${i}.`));
    const expected = Object.fromEntries(own.map(([name, v]) => [name.slice(2), v]));
    await expectState(module, expected, TRAINED_UNITS);
  }
});

test("the README's example", async ({ ctx }) => {
  const [shape, channels] = [[2, 64, 3, 3], 64];
  const values = (size: number) => Float32Array.from({ length: size }, (_, i) => (i * 7) % 11);
  const x = ctx.tensor(values(2 * 64 * 9), shape);
  const dy = ctx.tensor(values(2 * 64 * 9), shape);
  const checkpoint = {
    "conv1.weight": values(3),
    "layer1.0.bn1.weight": values(channels),
    "layer1.0.bn1.bias": values(channels),
    "layer1.0.bn1.running_mean": values(channels),
    "layer1.0.bn1.running_var": values(channels),
  };
  const updated: Tensor[] = [];
  const update = (data: Tensor, grad: Tensor | null) => updated.push(data, grad as Tensor);

  // from here on as in the README
  const bn = new nn.BatchNorm(ctx, 64, { activation: "relu" });
  bn.loadStateDict(checkpoint, { prefix: "layer1.0.bn1." }); // PyTorch's names; values or tensors

  const y = bn.forward(x); // training: the batch's statistics; the running ones are updated
  const dx = bn.backward(dy); // the gradients add up in bn.weight.grad and bn.bias.grad
  for (const { data, grad } of bn.parameters()) update(data, grad); // your optimizer, on data.buffer
  bn.zeroGrad();

  bn.eval(); // the running statistics from now on
  const prediction = bn.forward(x, { noGrad: true });
  const { running_mean } = await bn.stateDict(); // { shape: [64], data: Float32Array, dtype: "f32" }
  bn.destroy(); // parameters, gradients and statistics; x, y, dy and dx are yours
  // until here

  expect(updated.map((tensor) => tensor.shape)).toEqual([[64], [64], [64], [64]]);
  for (const tensor of [y, dx, prediction]) expect(tensor.shape).toEqual(shape);
  expect(running_mean).toMatchObject({ shape: [64], dtype: "f32" });
  expect(running_mean.data[1]).toBeCloseTo(0.9 * 7 + 0.1 * mean(await x.read(), 1), 4);
});

/** The mean of a channel of the example above. */
function mean(data: Float32Array, channel: number): number {
  const all = data.filter((_, i) => Math.floor(i / 9) % 64 === channel);
  return all.reduce((sum, v) => sum + v, 0) / all.length;
}

describe("states", () => {
  const NAMES: [string, (ctx: Context) => nn.NormModule, string[]][] = [
    [
      "BatchNorm",
      (ctx) => new nn.BatchNorm(ctx, 2),
      ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"],
    ],
    [
      "BatchNorm without its own",
      (ctx) => new nn.BatchNorm(ctx, 2, { affine: false }),
      ["running_mean", "running_var", "num_batches_tracked"],
    ],
    [
      "BatchNorm that tracks nothing",
      (ctx) => new nn.BatchNorm(ctx, 2, { trackRunningStats: false }),
      ["weight", "bias"],
    ],
    ["InstanceNorm", (ctx) => new nn.InstanceNorm(ctx, 2), []],
    [
      "InstanceNorm that tracks",
      (ctx) => new nn.InstanceNorm(ctx, 2, { trackRunningStats: true }),
      ["running_mean", "running_var", "num_batches_tracked"],
    ],
    ["GroupNorm", (ctx) => new nn.GroupNorm(ctx, 1, 2), ["weight", "bias"]],
    ["LayerNorm", (ctx) => new nn.LayerNorm(ctx, 2), ["weight", "bias"]],
    ["LayerNorm without bias", (ctx) => new nn.LayerNorm(ctx, [2], { bias: false }), ["weight"]],
    ["RMSNorm", (ctx) => new nn.RMSNorm(ctx, [2]), ["weight"]],
  ];
  const FIRST = { weight: [1, 1], bias: [0, 0], running_mean: [0, 0], running_var: [1, 1] };

  for (const [name, make, names] of NAMES) {
    test(`${name} begins as PyTorch's`, async ({ ctx }) => {
      using module = make(ctx);
      const state = await module.stateDict();
      expect(Object.keys(state)).toEqual(names);
      const { num_batches_tracked: count, ...others } = state;
      if (count) expect(count).toEqual({ shape: [], data: Float32Array.of(0), dtype: "f32" });
      for (const [name, entry] of Object.entries(others)) {
        const data = Float32Array.from(FIRST[name as keyof typeof FIRST]);
        expect(entry).toEqual({ shape: [2], data, dtype: "f32" });
      }
    });
  }

  test("a state goes from one module to another through JSON", async ({ ctx }) => {
    using from = new nn.BatchNorm(ctx, 4);
    from.loadStateDict(moduleVectors[0].initial);
    const state = await from.stateDict({ prefix: "a." });
    const plain = Object.entries(state).map(([name, { data }]) => [name, [...data]]);
    using to = new nn.BatchNorm(ctx, 4);
    to.loadStateDict(JSON.parse(JSON.stringify(Object.fromEntries(plain))), { prefix: "a." });
    expect(await to.stateDict({ prefix: "a." })).toEqual(state);
  });

  test("values in every form", async ({ ctx }) => {
    using module = new nn.BatchNorm(ctx, 2);
    const strided = ctx.tensor([5, 6, 7, 8], [4]);
    const every = ctx.fromBuffer(strided.buffer, { shape: [2], strides: [2] });
    const half = ctx.tensor([1.5, 2.5], [2], { dtype: "f16" });
    module.loadStateDict({
      weight: every,
      bias: { data: Uint16Array.of(0x3fc0, 0xc000), shape: [2], dtype: "bf16" },
      running_mean: half,
      running_var: Float64Array.of(3, 4),
      num_batches_tracked: BigInt64Array.of(12n),
    });
    const read = Object.entries(await module.stateDict()).map(([, { data }]) => [...data]);
    expect(read).toEqual([[5, 7], [1.5, -2], [1.5, 2.5], [3, 4], [12]]);
    expect(module.numBatchesTracked).toBe(12);
    using other = new nn.BatchNorm(ctx, 2, { dtype: "bf16" });
    const { weight, bias } = module;
    other.loadStateDict({ weight: weight?.data, bias: bias ?? undefined }, { strict: false });
    const { data, dtype } = (await other.stateDict()).weight;
    expect([[...data], dtype]).toEqual([[5, 7], "bf16"]);
  });

  test("without strict, names are told and the rest is loaded", async ({ ctx }) => {
    using module = new nn.BatchNorm(ctx, 2);
    const state = { "n.weight": [3, 4], "n.other": [1], "m.bias": [1, 2] };
    expect(module.loadStateDict(state, { prefix: "n.", strict: false })).toEqual({
      missing: ["n.bias", "n.running_mean", "n.running_var"],
      unexpected: ["n.other"],
    });
    const { weight, bias } = await module.stateDict();
    expect([...weight.data, ...bias.data]).toEqual([3, 4, 0, 0]);
  });

  test("what is wrong anywhere leaves everything as it was", async ({ ctx }) => {
    using module = new nn.BatchNorm(ctx, 2);
    const before = await module.stateDict();
    const state = { weight: [3, 4], bias: [1, 2], running_mean: [1, 2], running_var: [1] };
    expect(caught(() => module.loadStateDict(state))).toBeInstanceOf(NormError);
    expect(await module.stateDict()).toEqual(before);
  });
});

test("gradients are stored and added up as their parameters are", async ({ ctx }) => {
  using module = new nn.LayerNorm(ctx, [3], { dtype: "bf16" });
  const x = ctx.tensor([1, 2, 3, 4, 6, 5], [2, 3]);
  for (let i = 0; i < 3; i++) {
    module.forward(x);
    module.backward(ctx.tensor([1, 2, 3, 10, 20, 30], [2, 3]));
  }
  const { bias } = module;
  expect(bias?.grad?.dtype).toBe("bf16");
  expect([...((await bias?.grad?.read()) ?? [])]).toEqual([33, 66, 99]);
});

for (const kind of ["cpu", "gpu"] as const) {
  test(`many gradients are added up by a ${kind}'s plans`, async ({ freshContext }) => {
    const ctx = await freshContext({ profile: { kind } });
    const size = 70_001;
    using module = new nn.LayerNorm(ctx, size);
    const dy = Float32Array.from({ length: 2 * size }, (_, i) => (i % 97) - 40);
    const [x, gradient] = [ctx.tensor(dy, [2, size]), ctx.tensor(dy, [2, size])];
    for (let i = 0; i < 3; i++) {
      module.forward(x).destroy();
      module.backward(gradient).destroy();
    }
    const sums = dy.subarray(0, size).map((v, i) => 3 * (v + dy[size + i]));
    expect(await module.bias?.grad?.read()).toEqual(sums);
  });
}

test("the module's tensors stay the same ones, gradients until zeroGrad", ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const { weight, runningMean } = module;
  const before = [weight?.data.buffer, runningMean?.buffer];
  const [x, dy] = [ctx.tensor([1, 2, 3, 5], [2, 2]), ctx.tensor([1, 2, 3, 4], [2, 2])];
  module.forward(x);
  module.backward(dy);
  const first = weight?.grad;
  module.forward(x);
  module.backward(dy);
  expect(weight?.grad).toBe(first);
  module.loadStateDict({ weight: [1, 2] }, { strict: false });
  expect([module.weight?.data.buffer, module.runningMean?.buffer]).toEqual(before);
  module.zeroGrad();
  expect([weight?.grad, first?.destroyed]).toEqual([null, true]);
});

/** Some steps of two modules in a row. */
function someSteps(ctx: Context, steps: number) {
  const x = ctx.tensor([1, 2, 3, 5, 8, 13, 21, 34], [2, 4]);
  const dy = ctx.tensor([1, -2, 3, -4, 5, -6, 7, -8], [2, 4]);
  const modules = [new nn.BatchNorm(ctx, 4), new nn.LayerNorm(ctx, 4)] as const;
  const step = () => {
    const hidden = modules[0].forward(x);
    const y = modules[1].forward(hidden);
    const between = modules[1].backward(dy);
    const dx = modules[0].backward(between);
    for (const tensor of [hidden, y, between, dx]) tensor.destroy();
  };
  for (let i = 0; i < steps; i++) step();
  return { modules, step, free: [x, dy, ...modules] };
}

test("in a batch everything is as without", async ({ ctx }) => {
  const [plain, batched] = [someSteps(ctx, 3), ctx.batch(() => someSteps(ctx, 3))];
  const read = async ({ modules }: typeof plain) => {
    const gradients = modules.flatMap((m) => m.parameters()).map(({ grad }) => grad?.read());
    return [await Promise.all(gradients), await Promise.all(modules.map((m) => m.stateDict()))];
  };
  expect(await read(batched)).toEqual(await read(plain));
});

test("nothing leaks: not in a step, not beyond destroy", async ({ freshDevice, freshContext }) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  const plans = () => {
    const { free } = someSteps(ctx, 2);
    for (const each of free) each.destroy();
  };
  plans(); // uniforms and scratch stay with the context
  const before = live.size;
  const { step, modules, free } = someSteps(ctx, 2);
  const within = live.size;
  expect(within - before).toBe(2 + 6 + 4); // x and dy; weights, biases, running statistics; gradients
  for (let i = 0; i < 3; i++) step();
  expect(live.size).toBe(within);
  modules[1].forward(free[0] as Tensor).destroy(); // and what it keeps, one buffer
  expect(live.size).toBe(within + 1);
  for (const each of free) each.destroy();
  expect(live.size).toBe(before);
});

test("a forward lets go of what the one before has kept", ({ ctx }) => {
  using module = new nn.LayerNorm(ctx, 2);
  const [first, second] = [ctx.tensor([1, 2], [1, 2]), ctx.tensor([1, 2, 3, 4], [2, 2])];
  module.forward(first);
  module.forward(second);
  first.destroy();
  expect(module.backward(second).shape).toEqual([2, 2]);
});

test("evaluation is that of the forward, whatever the mode at backward", async ({ ctx }) => {
  const { initial, evaluation } = moduleVectors[0];
  using module = moduleOf(ctx, moduleVectors[0] as ModuleVector);
  module.loadStateDict({ ...initial, ...moduleVectors[0].trained });
  const [x, dy] = [tensorOf(ctx, evaluation.x), tensorOf(ctx, evaluation.dy)];
  module.eval().forward(x);
  module.train();
  expectNear(await module.backward(dy).read(), evaluation.dx, "dx");
});

function used(module: nn.NormModule, x: Tensor): nn.NormModule {
  module.forward(x);
  return module;
}

const MISUSE: ErrorCase[] = [
  [
    "something else as context",
    () => new nn.LayerNorm({} as never, [4]),
    ["LayerNorm: context is an object", "createContext"],
  ],
  ["no channels", ({ ctx }) => new nn.BatchNorm(ctx, 0), ["BatchNorm: channels 0", "positive"]],
  [
    "half a channel",
    ({ ctx }) => new nn.InstanceNorm(ctx, 1.5),
    ["InstanceNorm: channels 1.5", "integer"],
  ],
  [
    "groups that do not divide",
    ({ ctx }) => new nn.GroupNorm(ctx, 4, 6),
    ["groupNorm: channels 6 is not divisible by groups 4"],
  ],
  ["no shape", ({ ctx }) => new nn.LayerNorm(ctx, []), ["layerNorm: normalizedShape []"]],
  [
    "a shape of halves",
    ({ ctx }) => new nn.RMSNorm(ctx, 1.5),
    ["RMSNorm: shape [1.5]", "non-negative integers"],
  ],
  [
    "a negative eps, at once",
    ({ ctx }) => new nn.BatchNorm(ctx, 4, { eps: -1 }),
    ["batchNorm: eps -1", "not negative"],
  ],
  [
    "a momentum past 1, at once",
    ({ ctx }) => new nn.BatchNorm(ctx, 4, { momentum: 2 }),
    ["batchNorm: momentum 2", "0 .. 1"],
  ],
  [
    "a cumulative average that PyTorch does not have",
    ({ ctx }) => new nn.InstanceNorm(ctx, 4, { momentum: null as never }),
    ["InstanceNorm: momentum null", "0 .. 1"],
  ],
  [
    "an unknown activation, at once",
    ({ ctx }) => new nn.LayerNorm(ctx, 4, { activation: "swish" as never }),
    ['layerNorm: activation "swish"', "silu"],
  ],
  [
    "an unknown dtype",
    ({ ctx }) => new nn.LayerNorm(ctx, 4, { dtype: "f64" as never }),
    ['LayerNorm: dtype "f64"', "bf16"],
  ],
  [
    "channels on the axis of the examples",
    ({ ctx }) => new nn.GroupNorm(ctx, 2, 4, { channelAxis: 0 }),
    ["groupNorm: channelAxis 0", "another"],
  ],
  [
    "an array as x",
    ({ ctx }) => new nn.LayerNorm(ctx, 4).forward([1] as never),
    ["LayerNorm.forward: x is [1]", "tensor"],
  ],
  [
    "other channels, without a weight to notice it",
    ({ ctx, x }) => new nn.InstanceNorm(ctx, 4).forward(x),
    ["InstanceNorm.forward: x has shape [2, 6, 4], 6 channels along axis 1", "expected 4"],
  ],
  [
    "another shape",
    ({ ctx, x }) => new nn.LayerNorm(ctx, 5).forward(x),
    ["layerNorm: normalizedShape [5]", "[2, 6, 4]"],
  ],
  [
    "a single value a channel",
    ({ ctx, of }) => new nn.BatchNorm(ctx, 3).forward(of(1, 3)),
    ["batchNorm: shape [1, 3]", "1 values a channel"],
  ],
  [
    "a destroyed x",
    ({ ctx, x }) => new nn.LayerNorm(ctx, 4).forward(destroyed(x.reshape([12, 4]))),
    ["layerNorm: x is destroyed"],
  ],
  [
    "backward before forward",
    ({ ctx, x }) => new nn.LayerNorm(ctx, 4).backward(x),
    ["LayerNorm.backward: no input is kept: there was no forward", "before each backward"],
  ],
  [
    "backward twice",
    ({ ctx, x }) => {
      const module = used(new nn.LayerNorm(ctx, 4), x);
      module.backward(x);
      module.backward(x);
    },
    ["LayerNorm.backward: no input is kept: backward has used it"],
  ],
  [
    "backward after a forward that keeps nothing",
    ({ ctx, x }) => {
      const module = used(new nn.BatchNorm(ctx, 6), x).eval();
      module.forward(x, { noGrad: true });
      module.backward(x);
    },
    ["BatchNorm.backward: no input is kept: the last forward had noGrad"],
  ],
  [
    "backward with other weights than forward had",
    ({ ctx, x }) => {
      const module = used(new nn.RMSNorm(ctx, 4), x);
      module.loadStateDict({ weight: [1, 2, 3, 4] });
      module.backward(x);
    },
    ["RMSNorm.backward: no input is kept: loadStateDict came after the last forward"],
  ],
  [
    "a gradient of another shape",
    ({ ctx, x, of }) => used(new nn.LayerNorm(ctx, 4), x).backward(of(2, 4)),
    ["LayerNorm.backward: dy has shape [2, 4]", "expected [2, 6, 4]"],
  ],
  [
    "an array as gradient",
    ({ ctx, x }) => used(new nn.LayerNorm(ctx, 4), x).backward([1] as never),
    ["LayerNorm.backward: dy is [1]", "tensor"],
  ],
  [
    "backward without the forward's x",
    ({ ctx, of }) => {
      const x = of(2, 4);
      const module = used(new nn.LayerNorm(ctx, 4), x);
      x.destroy();
      module.backward(of(2, 4));
    },
    ["LayerNorm.backward: the forward's x is destroyed", "live until backward"],
  ],
  [
    "missing names",
    ({ ctx }) => new nn.LayerNorm(ctx, 4).loadStateDict({ weight: [1, 2, 3, 4] }),
    ["LayerNorm.loadStateDict: bias missing", "expected weight, bias"],
  ],
  [
    "unexpected names",
    ({ ctx }) =>
      new nn.RMSNorm(ctx, 1).loadStateDict({ "a.weight": [1], "a.b": 1 }, { prefix: "a." }),
    ["RMSNorm.loadStateDict: a.b unexpected", "expected a.weight"],
  ],
  [
    "names for a module that has none",
    ({ ctx }) => new nn.InstanceNorm(ctx, 1).loadStateDict({ weight: [1] }),
    ["InstanceNorm.loadStateDict: weight unexpected", "expected no names"],
  ],
  [
    "no dictionary",
    ({ ctx }) => new nn.RMSNorm(ctx, 1).loadStateDict(null as never),
    ["RMSNorm.loadStateDict: state is null", "object"],
  ],
  [
    "fewer values",
    ({ ctx }) => new nn.RMSNorm(ctx, 4).loadStateDict({ weight: [1] }),
    ["RMSNorm.loadStateDict: weight has 1 values", "expected 4 for shape [4]"],
  ],
  [
    "values of another shape, though as many",
    ({ ctx }) => {
      const weight = { shape: [4], data: new Float32Array(4) };
      new nn.RMSNorm(ctx, [2, 2]).loadStateDict({ weight }, { strict: false });
    },
    ["RMSNorm.loadStateDict: weight has shape [4]", "expected [2, 2]"],
  ],
  [
    "a tensor of another shape",
    ({ ctx, x }) => new nn.RMSNorm(ctx, 4).loadStateDict({ weight: x }),
    ["RMSNorm.loadStateDict: weight has shape [2, 6, 4]", "expected [4]"],
  ],
  [
    "a destroyed tensor",
    ({ ctx, of }) => new nn.RMSNorm(ctx, 4).loadStateDict({ weight: destroyed(of(4)) }),
    ["RMSNorm.loadStateDict: weight is destroyed"],
  ],
  [
    "bits of an unknown type",
    ({ ctx }) => new nn.RMSNorm(ctx, 1).loadStateDict({ weight: Uint16Array.of(1) }),
    ["RMSNorm.loadStateDict: weight is a Uint16Array with dtype undefined", "f16 or bf16"],
  ],
  [
    "text as values",
    ({ ctx }) => new nn.RMSNorm(ctx, 1).loadStateDict({ weight: "1" as never }),
    ['RMSNorm.loadStateDict: weight is "1"', "array of numbers"],
  ],
  [
    "half a batch",
    ({ ctx }) => {
      const module = new nn.BatchNorm(ctx, 1, { affine: false });
      module.loadStateDict({ running_mean: [0], running_var: [1], num_batches_tracked: 1.5 });
    },
    ["BatchNorm.loadStateDict: num_batches_tracked is 1.5", "whole number"],
  ],
  ...(["forward", "backward", "loadStateDict"] as const).map((name): ErrorCase => {
    const call: ErrorCase[1] = ({ ctx, x }) => {
      const module = new nn.LayerNorm(ctx, 4);
      module.destroy();
      module.destroy();
      module[name](x as never);
    };
    return ["after destroy", call, [`LayerNorm.${name}: the module is destroyed`, "live"]];
  }),
];

describe("misuse", () => {
  testErrors(MISUSE);

  test("another device", async ({ ctx, freshContext }) => {
    const other = await freshContext();
    const x = other.tensor([1, 2], [1, 2]);
    using module = new nn.LayerNorm(ctx, 2);
    const message = "on another device than the module";
    expectMessage(
      caught(() => module.forward(x)),
      ["LayerNorm.forward: x is", message],
    );
    expectMessage(
      caught(() => module.loadStateDict({ weight: x.reshape([2]), bias: [1, 2] })),
      ["LayerNorm.loadStateDict: weight is", message],
    );
  });

  test("a state cannot be read after destroy", async ({ ctx }) => {
    const module = new nn.LayerNorm(ctx, 2);
    module.destroy();
    await expect(module.stateDict()).rejects.toThrow(
      "LayerNorm.stateDict: the module is destroyed",
    );
  });

  test("a failed forward leaves what was kept, and counts no batch", ({ ctx }) => {
    using module = new nn.BatchNorm(ctx, 2);
    const x = ctx.tensor([1, 2, 3, 4], [2, 2]);
    module.forward(x);
    expect(caught(() => module.forward(ctx.tensor([1, 2], [1, 2])))).toBeInstanceOf(NormError);
    expect(module.numBatchesTracked).toBe(1);
    expect(module.backward(x).shape).toEqual([2, 2]);
  });
});
