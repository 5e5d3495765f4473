// Composed operations check everything before they work, and keep nothing: neither after a wrong
// call nor where the exchange between workers fails.

import { describe, expect } from "vitest";
import {
  applyMoments,
  applyMomentsBackward,
  type Context,
  type GradientSums,
  globalResponseNorm,
  globalResponseNormBackward,
  localResponseNorm,
  localResponseNormBackward,
  type Moments,
  mergeMoments,
  moments,
  NormError,
  syncBatchNorm,
  syncBatchNormBackward,
  type Tensor,
} from "../../src/index";
import { composedOperations } from "../support/composed_operations";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { SHAPE } from "../support/variations";

const CHANNELS = 6;

/** A context whose buffers are destroyed when they are free, and what it holds and submits. */
async function watched(freshDevice: () => Promise<GPUDevice>, open: Open) {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await open({ device, poolBytes: 0 });
  let submits = 0;
  const submit = device.queue.submit.bind(device.queue);
  Object.defineProperty(device.queue, "submit", {
    configurable: true,
    value: (buffers: GPUCommandBuffer[]) => {
      submits++;
      return submit(buffers);
    },
  });
  return { ctx, live, submits: () => submits };
}

type Open = (options: { device: GPUDevice; poolBytes: number }) => Promise<Context>;

interface Arrays {
  readonly x: Tensor;
  readonly dy: Tensor;
  readonly vector: Tensor;
  readonly own: Moments;
}

function arraysOn(ctx: Context): Arrays {
  const size = SHAPE.reduce((a, b) => a * b, 1);
  const x = ctx.tensor(
    Array.from({ length: size }, (_, i) => Math.sin(i)),
    SHAPE,
  );
  const dy = ctx.tensor(
    Array.from({ length: size }, (_, i) => Math.cos(i)),
    SHAPE,
  );
  const vector = ctx.tensor([1, 2, 3, 4, 5, 6], [CHANNELS]);
  return { x, dy, vector, own: moments(x, { axes: [0, 2] }) };
}

type Options = Readonly<Record<string, unknown>>;
type Call = (a: Arrays, options: Options) => unknown;

const called = (call: unknown, usual: (a: Arrays) => Options, first: "x" | "dy" = "x"): Call => {
  const operation = call as (first: unknown, options: object) => unknown;
  return (a, o) => {
    const options = { ...usual(a), ...o };
    if (first === "dy") return operation(a.dy, { x: a.x, ...options });
    const { x = a.x, ...others } = options;
    return operation(x, others);
  };
};

const itself = <T>(local: T) => local;

/** Each composed operation with a right call, to which options are added. */
const CALLS: Readonly<Record<string, Call>> = {
  globalResponseNorm: called(globalResponseNorm, () => ({})),
  globalResponseNormBackward: called(globalResponseNormBackward, () => ({}), "dy"),
  localResponseNorm: called(localResponseNorm, () => ({ size: 3 })),
  localResponseNormBackward: called(localResponseNormBackward, () => ({ size: 3 }), "dy"),
  applyMoments: called(applyMoments, ({ own: { mean, variance } }) => ({
    ...{ axes: [0, 2], mean, variance },
  })),
  applyMomentsBackward: called(
    applyMomentsBackward,
    ({ own: { mean, variance } }) => ({ axes: [0, 2], mean, variance }),
    "dy",
  ),
  mergeMoments: ({ own }, options) => {
    const { x: _, ...others } = options;
    const { meanPair: __, ...third } = own;
    return mergeMoments([own, own, { ...third, ...others } as Moments]);
  },
  syncBatchNorm: called(syncBatchNorm, () => ({ allReduce: itself })),
  syncBatchNormBackward: called(
    syncBatchNormBackward,
    ({ own }) => ({ allReduce: itself, moments: own }),
    "dy",
  ),
};

type Wrong = (ctx: Context) => readonly unknown[];

type Empty = Context["empty"];

function gone(tensor: Tensor): Tensor {
  tensor.destroy();
  return tensor;
}

const destroyed = (ctx: Context, shape: readonly number[]) => gone(ctx.empty(shape));

const tensors =
  (...right: readonly number[]): Wrong =>
  (ctx) => [ctx.empty([7]), destroyed(ctx, right), "a text", 3];
const values =
  (...all: readonly unknown[]): Wrong =>
  () =>
    all;

/** They make an array of the size of x. */
const LARGE = Object.keys(CALLS).filter((name) => name !== "mergeMoments");

/** Wrong values of each option; a new option needs a line here, or a reason why it has none. */
const WRONG: Readonly<Record<string, Wrong | "any value is right">> = {
  x: tensors(...SHAPE),
  weight: tensors(CHANNELS),
  bias: tensors(CHANNELS),
  runningMean: tensors(CHANNELS),
  runningVar: tensors(CHANNELS),
  residual: tensors(...SHAPE),
  residualBias: tensors(CHANNELS, 1),
  scale: tensors(...SHAPE),
  shift: tensors(...SHAPE),
  scaleOffset: values(Number.NaN, "1"),
  gate: values(3, "a text", {}),
  skip: values(3, "a text", {}),
  residualGate: values(3, "a text", {}),
  sum: (ctx) => [ctx.empty([7]), "a text", 3],
  dSum: tensors(...SHAPE),
  mean: tensors(CHANNELS),
  variance: tensors(CHANNELS),
  meanPair: (ctx) => [
    ctx.empty([CHANNELS]),
    ctx.empty([2, CHANNELS], { dtype: "f16" }),
    destroyed(ctx, [2, CHANNELS]),
    "a text",
  ],
  rstd: (ctx) => [ctx.empty([7])],
  out: (ctx) => [ctx.empty([7]), destroyed(ctx, SHAPE), 3],
  eps: values(-1, Number.NaN, "1"),
  k: values(Number.NaN, "1"),
  alpha: values(Number.NaN, "1"),
  beta: values(Number.POSITIVE_INFINITY, "1"),
  size: values(0, 1.5, "3"),
  convention: values("caffe", 3),
  channelAxis: values(3, 0.5, "1"),
  axes: values([3], [0, 0], "0", undefined),
  dtype: values("f64", 16),
  activation: values("elu", 3),
  momentum: values(2, "1", null),
  gradients: values(["dAlpha"], "y"),
  allReduce: values(undefined, 3),
  group: values(3, {}, { rank: 0, size: 1, allGather: async () => [] }), // beside allReduce
  timeout: values(0, Number.NaN, "1"),
  signal: values(3, {}),
  round: values(3, {}),
  moments: values(undefined, {}, { count: -1 }),
  count: values(-1, Number.NaN, Number.POSITIVE_INFINITY, "3", undefined),
  residualOut: (ctx) => [ctx.empty([7]), 3, "yes"],
  accumulate: values("yes", 1),
  stats: "any value is right",
};

/** Options that an operation takes and does not use. */
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  applyMoments: ["count"],
  applyMomentsBackward: ["count"],
};

/** A gradient does not read what only adds: whether it is destroyed does not matter. */
const UNREAD: Readonly<Record<string, readonly string[]>> = {
  globalResponseNormBackward: ["bias"],
  applyMomentsBackward: ["bias", "shift", "residualBias"],
  syncBatchNormBackward: ["bias", "shift", "residualBias", "runningMean", "runningVar"],
};

const isDestroyed = (value: unknown) => Object(value).destroyed === true;

test("each composed operation has a call here, each option a wrong value", () => {
  expect(composedOperations.map(({ name }) => name).filter((name) => !CALLS[name])).toEqual([]);
  const options = composedOperations.flatMap(({ variations }) => Object.keys(variations));
  expect(options.filter((option) => WRONG[option] === undefined)).toEqual([]);
});

for (const { name, variations } of composedOperations) {
  test(`${name} refuses every wrong option before it works, and keeps nothing but its results`, async ({
    freshDevice,
    freshContext,
  }) => {
    const { ctx, live, submits } = await watched(freshDevice, freshContext);
    const a = arraysOn(ctx);
    let exchanges = 0;
    const allReduce = <T>(local: T) => {
      exchanges++;
      return local;
    };
    const spied = name.startsWith("sync") ? { allReduce } : {};
    for (const option of Object.keys(variations)) {
      const wrong = WRONG[option];
      if (typeof wrong !== "function" || UNUSED[name]?.includes(option)) continue;
      for (const value of wrong(ctx)) {
        if (name === "mergeMoments" && option === "x") continue; // it has no x
        if (UNREAD[name]?.includes(option) && isDestroyed(value)) continue;
        const before = { buffers: live.size, submits: submits() };
        const call = async () => CALLS[name](a, { ...spied, [option]: value });
        const error = await call().catch((error: unknown) => error);
        const what = `${option}: ${String(value)}`;
        expect(error, what).toBeInstanceOf(NormError);
        expect((error as Error).message, what).toMatch(new RegExp(`^${name}: `));
        expect({ buffers: live.size, submits: submits() }, what).toEqual(before);
      }
    }
    expect(exchanges).toBe(0);
    const run = async () => {
      const result = await CALLS[name](a, {});
      for (const tensor of tensorsOf(result)) tensor.destroy();
      await ctx.sync();
      return live.size;
    };
    const once = await run();
    expect(await run()).toBe(once);
    expect(await run()).toBe(once);
  });
}

for (const name of LARGE) {
  test(`${name} tells of a result larger than any buffer before it works`, async ({
    freshDevice,
    freshContext,
  }) => {
    const { ctx, live, submits } = await watched(freshDevice, freshContext);
    const { buffer } = ctx.empty([CHANNELS]);
    const { maxBufferSize } = ctx.device.limits;
    const shape = [Math.floor(maxBufferSize / 4 / 2 ** 16 / CHANNELS) + 1, CHANNELS, 2 ** 16];
    const x = ctx.fromBuffer(buffer, { shape, strides: [0, 1, 0] });
    const vector = ctx.tensor([1, 2, 3, 4, 5, 6], [CHANNELS]);
    const pair = ctx.empty([2, CHANNELS]);
    const own = { mean: vector, variance: vector, meanPair: pair, count: 2 } as Moments;
    let exchanges = 0;
    const allReduce = (local: unknown) => {
      exchanges++;
      return local;
    };
    const before = { buffers: live.size, submits: submits() };
    const exchanged = name.startsWith("sync") && { allReduce };
    const call = async () => CALLS[name]({ x, dy: x, vector, own }, exchanged || {});
    const error = await call().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NormError);
    expect((error as Error).message).toMatch(
      new RegExp(`^${name}: \\d+ bytes, expected at most the device's maxBufferSize of \\d+`),
    );
    expect({ buffers: live.size, submits: submits(), exchanges }).toEqual({
      ...before,
      exchanges: 0,
    });
  });
}

const tensorsOf = (result: unknown): Tensor[] =>
  "buffer" in Object(result)
    ? [result as Tensor]
    : Object.values(Object(result)).flatMap((one) =>
        typeof one === "object" && one !== null ? tensorsOf(one) : [],
      );

describe("where the exchange fails", () => {
  const FAILED = new Error("the other tab is closed");
  const failures: Readonly<Record<string, () => unknown>> = {
    "it throws": () => {
      throw FAILED;
    },
    "it rejects": () => Promise.reject(FAILED),
    "it gives nothing": () => undefined,
    "it gives a text": () => "moments",
    "it gives an empty object": () => ({}),
  };
  const wrongMoments: Readonly<Record<string, (local: Moments, empty: Empty) => unknown>> = {
    "a count below its own": (local) => ({ ...local, count: 1 }),
    "a count that is no number": (local) => ({ ...local, count: "20" }),
    "a count that is not whole": (local) => ({ ...local, count: 20.5 }),
    "no mean": ({ mean: _, ...local }) => local,
    "no variance": ({ variance: _, ...local }) => local,
    "a mean of another shape": (local, empty) => ({ ...local, mean: empty([7]) }),
    "a variance of another shape": (local, empty) => ({ ...local, variance: empty([1, 6]) }),
    "a mean in f16": (local, empty) => ({ ...local, mean: empty([6], { dtype: "f16" }) }),
    "a destroyed mean": (local, empty) => ({ ...local, mean: gone(empty([6])) }),
    "numbers instead of a mean": (local) => ({ ...local, mean: [1, 2, 3, 4, 5, 6] }),
    "a pair of another shape": (local, empty) => ({ ...local, meanPair: empty([6]) }),
  };
  const wrongSums: Readonly<Record<string, (local: GradientSums, empty: Empty) => unknown>> = {
    "no dBias": ({ dWeight }) => ({ dWeight }),
    "a dWeight of another shape": (local, empty) => ({ ...local, dWeight: empty([7]) }),
    "a destroyed dBias": (local, empty) => ({ ...local, dBias: gone(empty([6])) }),
    "numbers instead of dWeight": (local) => ({ ...local, dWeight: [1, 2, 3, 4, 5, 6] }),
  };

  const suites: [string, Readonly<Record<string, (local: never, empty: Empty) => unknown>>][] = [
    ["syncBatchNorm", { ...failures, ...wrongMoments }],
    ["syncBatchNormBackward", { ...failures, ...wrongSums }],
  ];
  for (const [name, all] of suites) {
    test(`${name} keeps nothing and works afterwards`, async ({ freshDevice, freshContext }) => {
      const { ctx, live } = await watched(freshDevice, freshContext);
      const a = arraysOn(ctx);
      const [runningMean, runningVar] = [a.vector, ctx.tensor([6, 5, 4, 3, 2, 1], [6])];
      const options = name === "syncBatchNorm" ? { runningMean, runningVar } : {};
      const right = async () => {
        const result = await CALLS[name](a, {});
        const read = await Promise.all(tensorsOf(result).map((tensor) => tensor.read()));
        for (const tensor of tensorsOf(result)) tensor.destroy();
        return read;
      };
      const wanted = await right();
      for (const [what, given] of Object.entries(all)) {
        const made: Tensor[] = []; // the transport's own
        const empty: Empty = (...args) => {
          const tensor = ctx.empty(...args);
          made.push(tensor);
          return tensor;
        };
        const before = live.size;
        const allReduce = (local: never) => given(local, empty);
        const call = async () => CALLS[name](a, { ...options, allReduce });
        const error = await call().catch((error: unknown) => error);
        if (error !== FAILED) {
          expect(error, what).toBeInstanceOf(NormError);
          expect((error as Error).message, what).toMatch(new RegExp(`^${name}: `));
        }
        for (const tensor of made) tensor.destroy();
        expect(live.size, what).toBe(before);
      }
      expect(await runningMean.read()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
      expect(await right()).toEqual(wanted);
    });
  }

  test("results that cannot be written are told before it", async ({ ctx }) => {
    const { x, vector } = arraysOn(ctx);
    let exchanges = 0;
    const allReduce = (local: Moments) => {
      exchanges++;
      return local;
    };
    const { buffer } = ctx.empty([2 * x.size]);
    const residual = ctx.fromBuffer(buffer, { shape: SHAPE });
    const out = ctx.fromBuffer(buffer, { shape: SHAPE, offset: 4 });
    await expect(syncBatchNorm(x, { residual, out, allReduce })).rejects.toThrow(
      /^syncBatchNorm: y shares its buffer with residual, expected another buffer/,
    );
    const same = { runningMean: vector, runningVar: vector };
    await expect(syncBatchNorm(x, { ...same, allReduce })).rejects.toThrow(
      /^syncBatchNorm: runningMean shares its buffer with runningVar/,
    );
    expect(exchanges).toBe(0);
  });

  test("one value a channel over all workers is told", async ({ ctx }) => {
    const x = ctx.tensor([1, 2, 3], [1, 3]);
    await expect(syncBatchNorm(x, { allReduce: itself })).rejects.toThrow(
      /^syncBatchNorm: all workers have 1 value a channel, expected more than one in training/,
    );
  });
});

test("workers without any data leave running statistics as they are", async ({ ctx }) => {
  const x = ctx.empty([0, CHANNELS, 5]);
  const [runningMean, runningVar] = [1, 2].map((v) => ctx.tensor(new Array(6).fill(v), [6]));
  const { y, moments: all } = await syncBatchNorm(x, {
    ...{ runningMean, runningVar, allReduce: itself },
  });
  expect([y.shape, all.count]).toEqual([[0, CHANNELS, 5], 0]);
  expect(await runningMean.read()).toEqual(new Float32Array(6).fill(1));
  expect(await runningVar.read()).toEqual(new Float32Array(6).fill(2));
  const given = { x, moments: all, allReduce: itself, weight: runningVar };
  const { dx, dWeight, dBias } = await syncBatchNormBackward(y, given);
  expect(dx.shape).toEqual([0, CHANNELS, 5]);
  for (const sum of [dWeight, dBias]) expect(await sum.read()).toEqual(new Float32Array(6));
});
