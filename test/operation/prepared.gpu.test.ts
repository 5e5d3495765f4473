// A prepared operation gives the bits of a plain call, records into the caller's passes, and makes
// no GPU object while it does.

import { expect } from "vitest";
import * as library from "../../src/index";
import {
  batchNorm,
  type Context,
  layerNorm,
  layerNormBackward,
  mean,
  prepare,
  rmsNorm,
  type Tensor,
  warmup,
} from "../../src/index";
import { argumentsOf, call, reported } from "../support/comparison";
import { test } from "../support/fixture";
import { countCreated, watchBuffers } from "../support/gpu_objects";
import { randomProblem } from "../support/make_problems";
import { rows } from "../support/operations";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { share } from "../support/share";

type Tensors = Record<string, Tensor>;

const exported = library as unknown as Readonly<Record<string, { definition?: object }>>;

/** Operations countCreated of several have no plan of their own. */
const single = ({ name }: Operation) => exported[name].definition !== undefined;

const described = (tensors: Tensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );

function upload(ctx: Context, { inputs, types = {} }: Problem): Tensors {
  const entries = Object.entries(inputs).map(([name, { shape, data }]) => {
    return [name, ctx.tensor(data as Float32Array, [...shape], { dtype: types[name] })];
  });
  return Object.fromEntries(entries);
}

function submit<T>(ctx: Context, record: (pass: GPUComputePassEncoder) => T): T {
  const encoder = ctx.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const result = record(pass);
  pass.end();
  ctx.device.queue.submit([encoder.finish()]);
  return result;
}

/** The results of a recording; nothing that is passed to `prepare` is a tensor. */
function recorded(ctx: Context, { operation, options }: Problem, tensors: Tensors): Tensors {
  const { kind, first: ofGradient = "dy" } = operation;
  const first = kind === "gradient" ? ofGradient : "x";
  const { [first]: _, ...others } = described(tensors);
  const { shape, dtype: inputType } = tensors[first];
  const op = prepare(
    ctx,
    exported[operation.name] as never,
    { ...argumentsOf(options, others), shape, inputType } as never,
  );
  const result = submit(ctx, (pass) => op.encode(pass, tensors)) as object;
  const { runningMean, runningVar } = tensors;
  const running = operation.kind === "norm" && runningMean && { runningMean, runningVar };
  const { count: _count, ...named } =
    "buffer" in result ? { y: result as Tensor } : (result as Tensors);
  return { ...running, ...named };
}

async function bitsOf(tensors: Tensors): Promise<Record<string, string>> {
  const entries = Object.entries(tensors).map(async ([name, tensor]) => {
    const values = await tensor.read();
    const bits = new Uint32Array(values.buffer, 0, values.length);
    return [name, `${tensor.dtype} [${tensor.shape}] ${bits}`];
  });
  return Object.fromEntries(await Promise.all(entries));
}

for (const operation of rows.filter(single)) {
  test(`${operation.name}: a recording gives the bits of a call`, async ({ ctx }) => {
    const seeds = share([1, 2, 3], 3, rows.indexOf(operation));
    const problems = seeds.map((seed) => randomProblem(operation, new Random(seed)));
    for (const problem of problems) {
      const plain = upload(ctx, problem);
      const expected = await bitsOf(call(problem, plain));
      const found = await reported(title(problem), async () => {
        const given = await bitsOf(recorded(ctx, problem, upload(ctx, problem)));
        expect(given).toEqual(expected);
        return null;
      });
      expect(found).toBeNull();
    }
  });
}

const LAST = { normalizedShape: [40] };
const ROWS = { shape: [6, 40], ...LAST };
const values = (count: number, seed = 1) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed * 7 + i * i));

test("recording makes nothing and submits nothing", async ({ freshContext }) => {
  const ctx = await freshContext();
  const [x, weight, bias] = [ctx.empty([6, 40]), ctx.empty([40]), ctx.empty([40])];
  const forward = prepare(ctx, layerNorm, { ...ROWS, weight: true, bias: true, stats: true });
  const backward = prepare(ctx, layerNormBackward, { ...ROWS, x: true, weight: true });
  const training = prepare(ctx, batchNorm, { shape: [60, 3, 700], training: true });
  const images = ctx.empty([60, 3, 700]);
  const record = (pass: GPUComputePassEncoder) => {
    const { y } = forward.encode(pass, { x, weight, bias });
    backward.encode(pass, { dy: y, x, weight });
    training.encode(pass, { x: images });
  };
  submit(ctx, record);
  const counts = submit(ctx, (pass) => countCreated(ctx, () => record(pass)));
  expect(counts).toEqual({});
});

test("a recording's results are the operation's own, or the caller's", async ({ ctx }) => {
  const x = ctx.tensor(values(240), [6, 40]);
  const expected = await layerNorm(x, LAST).read();
  const op = prepare(ctx, layerNorm, ROWS);
  const out = ctx.empty([6, 40]);
  const [own, again, given] = submit(ctx, (pass) => [
    op.encode(pass, { x }),
    op.encode(pass, { x }),
    op.encode(pass, { x, y: out }),
  ]);
  expect(again).toBe(own);
  expect(given).toBe(out);
  expect(await own.read()).toEqual(expected);
  expect(await out.read()).toEqual(expected);
});

test("tensors among the options need not be named again", async ({ ctx }) => {
  const [x, other] = [ctx.tensor(values(240), [6, 40]), ctx.tensor(values(240, 2), [6, 40])];
  const [weight, bias] = [ctx.tensor(values(40, 3), [40]), ctx.tensor(values(40, 4), [40])];
  const op = prepare(ctx, layerNorm, { ...ROWS, weight, bias });
  for (const each of [x, other]) {
    const expected = await layerNorm(each, { ...LAST, weight, bias }).read();
    const y = submit(ctx, (pass) => op.encode(pass, { x: each }));
    expect(await y.read()).toEqual(expected);
  }
});

test("in place", async ({ ctx }) => {
  const x = ctx.tensor(values(240), [6, 40]);
  const expected = await layerNorm(x, LAST).read();
  const op = prepare(ctx, layerNorm, { ...ROWS, inPlace: true });
  const y = submit(ctx, (pass) => op.encode(pass, { x }));
  expect(y).toBe(x);
  expect(await x.read()).toEqual(expected);
});

test("in place, where x lies with gaps", async ({ ctx }) => {
  const shape = [6, 40];
  const gaps = { shape, strides: [200, 3] };
  const image = values(1200, 5);
  const buffer = ctx.tensor(image, [1200]).buffer;
  const x = ctx.fromBuffer(buffer, gaps);
  const expected = await layerNorm(x, { normalizedShape: [40] }).read();
  const op = prepare(ctx, layerNorm, { ...ROWS, strides: gaps.strides, inPlace: true });
  const y = submit(ctx, (pass) => op.encode(pass, { x }));
  expect(y).toBe(x);
  expect(await x.read()).toEqual(expected);
  const all = await ctx.fromBuffer(buffer, { shape: [1200] }).read();
  const others = [...image.keys()].filter((i) => (i % 200) % 3 !== 0 || i % 200 >= 120);
  expect(others.filter((i) => all[i] !== image[i])).toEqual([]);
});

test("an encoder is as good as a pass", async ({ ctx }) => {
  const x = ctx.tensor(values(240), [6, 40]);
  const op = prepare(ctx, mean, { shape: [6, 40], axes: [1] });
  const encoder = ctx.device.createCommandEncoder();
  const result = op.encode(encoder, { x });
  ctx.device.queue.submit([encoder.finish()]);
  expect(await result.read()).toEqual(await mean(x, { axes: [1] }).read());
});

test("a hundred operations in a pass, in order", async ({ ctx }) => {
  const x = ctx.tensor(values(240), [6, 40]);
  const weight = ctx.tensor(values(40, 2), [40]);
  const chain = Array.from({ length: 50 }, () => [
    prepare(ctx, layerNorm, { ...ROWS, weight }),
    prepare(ctx, rmsNorm, ROWS),
  ]).flat();
  const last = submit(ctx, (pass) => {
    let y = x;
    for (const op of chain) y = op.encode(pass, { x: y });
    return y;
  });
  let expected = x;
  for (let i = 0; i < 50; i++) expected = rmsNorm(layerNorm(expected, { ...LAST, weight }), LAST);
  expect(await last.read()).toEqual(await expected.read());
  for (const op of chain) op.destroy();
});

test("sums of nothing", async ({ ctx }) => {
  const op = prepare(ctx, layerNormBackward, {
    shape: [0, 4],
    x: true,
    normalizedShape: [4],
    weight: true,
  });
  const [dy, x, weight] = [ctx.empty([0, 4]), ctx.empty([0, 4]), ctx.empty([4])];
  const { dWeight } = submit(ctx, (pass) => op.encode(pass, { dy, x, weight }));
  expect(await dWeight.read()).toEqual(new Float32Array(4));
});

test("destroying gives back what was made", async ({ freshContext }) => {
  const ctx = await freshContext();
  const { made: buffers, live } = watchBuffers(ctx.device);
  const op = prepare(ctx, batchNorm, { shape: [60, 3, 700], training: true });
  const lasting = prepare(ctx, layerNorm, ROWS);
  op.destroy();
  op.destroy();
  expect(lasting).toBeDefined();
  ctx.destroy();
  Reflect.deleteProperty(ctx.device, "createBuffer");
  expect(buffers.size).toBeGreaterThan(3);
  expect(live.size).toBe(0);
});

test("warmup compiles, without blocking, what calls and preparations need", async ({
  freshContext,
}) => {
  const ctx = await freshContext();
  const pending = countCreated(ctx, () => {
    void warmup(ctx, []);
  });
  expect(pending).toEqual({});
  let ahead: Promise<void> = Promise.resolve();
  const counts = countCreated(ctx, () => {
    ahead = warmup(ctx, [
      [layerNorm, { ...ROWS, weight: true }],
      [batchNorm, { shape: [60, 3, 700], training: true }],
    ]);
  });
  expect(counts.createComputePipelineAsync).toBeGreaterThan(1);
  expect(counts.createComputePipeline).toBeUndefined();
  await ahead;
  const after = countCreated(ctx, () => {
    layerNorm(ctx.empty([6, 40]), { ...LAST, weight: ctx.empty([40]) });
    batchNorm(ctx.empty([60, 3, 700]), { training: true });
    prepare(ctx, layerNorm, { ...ROWS, weight: true });
  });
  expect(after.createComputePipeline).toBeUndefined();
  expect(after.createComputePipelineAsync).toBeUndefined();
  expect(after.createShaderModule).toBeUndefined();
});
