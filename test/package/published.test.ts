// The published package, with its short names, gives the bits of the source on a GPU.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { create, globals } from "webgpu";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import * as source from "../../src/index";
import * as sourceNN from "../../src/nn/index";
import * as sourceStream from "../../src/stream/index";
import { copyPackage } from "../support/built_package";
import { Random } from "../support/random";

type Library = typeof source;
type Context = source.Context;

const dist = mkdtempSync(join(tmpdir(), "webgpu-norm-published-"));
Object.assign(process.env, await vulkan());
const gpu = create([]);
const kept: object[] = []; // Dawn's devices outlive neither it nor their adapters
Object.assign(globalThis, globals);

beforeAll(async () => {
  await copyPackage(dist, "minified");
}, 60_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));

const imported = (entry: string) => import(/* @vite-ignore */ join(dist, `${entry}.js`));

/** Plans as they come, in teams and in subgroups, through windows, in slices; calls take them in turns. */
const PROFILES: readonly Partial<source.DeviceProfile>[] = [
  {},
  { kind: "gpu", workgroup: 64, workgroups: 4, subgroups: false },
  { kind: "gpu", workgroup: 64, workgroups: 4, subgroups: true },
  { maxBindingBytes: 4096 },
  { kind: "gpu", workgroup: 64, workgroups: 256, f16: false },
];

/** What an operation gave, flat. */
async function read(result: object): Promise<number[][]> {
  const tensors = "read" in result ? [result] : Object.values(result);
  const readable = tensors.filter((value) => typeof value === "object" && "read" in value);
  return Promise.all(readable.map(async (tensor) => Array.from(await tensor.read())));
}

const values = (length: number, seed: number) =>
  Float32Array.from(new Random(seed).normals(length, 3, 2));

/** The arrays of a call. */
function arraysOf(ctx: Context) {
  const made = (shape: number[], seed: number, dtype?: source.DType) => {
    return ctx.tensor(
      values(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ),
      shape,
      { dtype },
    );
  };
  const normalizedShape = [96];
  const [weight, bias] = [made([8], 3), made([8], 4)];
  const [runningMean, runningVar] = [made([8], 11), ctx.tensor(new Array<number>(8).fill(1), [8])];
  return {
    made,
    x: made([4, 8, 6, 10], 1),
    dy: made([4, 8, 6, 10], 2),
    rows: made([6, 96], 5),
    row: { normalizedShape, weight: made([96], 6), bias: made([96], 7) },
    channel: { weight, bias },
    running: { runningMean, runningVar },
    modulation: { scale: made([4, 8, 1, 1], 10), shift: made([4, 8, 1, 1], 12) },
  };
}

type Call = (library: Library, arrays: ReturnType<typeof arraysOf>) => object;

const activated = (activation: source.ActivationOption): Call[] => [
  (l, { rows, row }) => l.layerNorm(rows, { ...row, activation, stats: true, residual: rows }),
  (l, { rows, row }) => l.layerNormBackward(rows, { ...row, activation, x: rows }),
];

const halved = (dtype: "f16" | "bf16"): Call[] => [
  (l, { made, channel }) => l.groupNorm(made([4, 8, 6, 10], 8, dtype), { groups: 2, ...channel }),
  (l, { made }) => l.standardize(made([3, 5, 7], 9, dtype), { axes: [0, 2], dtype: "f32" }),
  (l, { made }) => l.standardize(made([3, 5, 7], 9), { axes: [1], dtype }),
];

const gated = (first: boolean): Call[] => {
  const options = (l: Library, { rows, row, made }: ReturnType<typeof arraysOf>) => ({
    ...{ ...row, gate: l.gateOf(made([6, 96], 13), { first, activation: "gelu" }) },
    ...{ skip: l.skipOf(rows, { gate: made([6, 96], 14) }) },
    ...{ residualGate: l.gateOf(made([96], 15)) },
  });
  return [
    (l, a) => l.layerNorm(a.rows, { ...options(l, a), residual: a.rows, residualOut: true }),
    (l, a) => l.layerNormBackward(a.rows, { ...options(l, a), x: a.rows, sum: a.rows }),
    (l, a) => {
      const { gate, ...row } = options(l, a);
      return l.rmsNormBackward(a.rows, { axes: [1], weight: row.weight, gate, x: a.rows });
    },
  ];
};

/** Most of the shader files, each at least once. */
const CALLS: readonly Call[] = [
  ...(["gelu", "hardswish", "tanh"] as const).flatMap(activated),
  ...(["f16", "bf16"] as const).flatMap(halved),
  ...[false, true].flatMap(gated),
  (l, { x, channel, running }) => {
    const y = l.batchNorm(x, { ...channel, ...running, training: true });
    return { y, ...running };
  },
  (l, { x, channel, running }) => l.batchNorm(x, { ...channel, ...running }),
  (l, { x, dy, channel }) => l.batchNormBackward(dy, { ...channel, training: true, x }),
  (l, { x, channel }) => l.batchNorm(x, { ...channel, training: true, virtualBatchSize: 2 }),
  (l, { x }) => l.batchNorm(x, { channelAxis: -1, training: true }),
  (l, { x, channel }) => l.instanceNorm(x, { ...channel, stats: true }),
  (l, { x, dy, modulation }) => l.groupNormBackward(dy, { ...modulation, groups: 4, x }),
  (l, { x }) => l.rmsNorm(x, { axes: [1], weightOffset: 1, stats: true }),
  (l, { x }) => l.moments(x, { axes: [1, 3] }),
  (l, { x, made }) => l.std(x, { axes: [0], out: made([8, 6, 10], 0) }),
  (l, { rows }) => l.softmax(rows),
  (l, { x }) => l.lpNormalize(x, { p: 3 }),
  (l, { x }) => l.localResponseNorm(x, { size: 3 }),
  (l, { x, channel }) => l.globalResponseNorm(x, channel),
  (l, { x, channel }) => l.filterResponseNorm(x, { ...channel, threshold: channel.weight }),
  (l, { made }) => l.mergeMoments([20, 21].map((seed) => l.moments(made([6, 96], seed)))),
];

async function device(): Promise<GPUDevice | null> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) return null;
  kept.push(adapter);
  const wanted = ["shader-f16", "subgroups"] as const;
  const requiredFeatures = wanted.filter((name) => adapter.features.has(name));
  return adapter.requestDevice({ requiredFeatures });
}

test("the published package computes the same bits, minified too", async ({ skip }) => {
  const on = await device();
  if (on === null) return skip("no WebGPU adapter in Node here");
  const published: Library[] = await Promise.all(["index", "webgpu-norm.min"].map(imported));
  for (const [turn, profile] of PROFILES.entries()) {
    const results = [...published, source].map(async (library) => {
      const ctx = await library.createContext({ device: on, profile });
      const arrays = arraysOf(ctx);
      const calls = CALLS.filter((_, i) => i % PROFILES.length === turn);
      const found = await Promise.all(calls.map((call) => read(call(library, arrays))));
      return { found, profile: ctx.profile };
    });
    const [modules, minified, expected] = await Promise.all(results);
    expect(modules).toEqual(expected);
    expect(minified).toEqual(expected);
  }
  on.destroy();
}, 180_000);

test("explain, prepare, tune, modules and streams of the published package work as the source's", async ({
  skip,
}) => {
  const on = await device();
  if (on === null) return skip("no WebGPU adapter in Node here");
  const everything = async (library: Library, nn: typeof sourceNN, stream: typeof sourceStream) => {
    const ctx = await library.createContext({ device: on });
    const data = values(6 * 96, 1);
    const args = { shape: [6, 96], normalizedShape: [96] };
    const x = ctx.tensor(data, [6, 96]);
    const explained = library.explain(ctx, library.layerNorm, args);
    const passes = explained.passes.map((pass) => ({ ...pass, wgsl: null })); // comments are not published
    const prepared = library.prepare(ctx, library.layerNorm, args);
    const encoder = on.createCommandEncoder();
    const y = prepared.encode(encoder, { x });
    on.queue.submit([encoder.finish()]);
    await library.warmup(ctx, [[library.rmsNorm, args]]);
    const [tuned] = await library.tune(ctx, [[library.mean, { shape: [6, 40], axes: [1] }]]);
    const tuning = await library.exportTuning(ctx);
    await library.importTuning(ctx, JSON.stringify(tuning));
    const norm = new nn.LayerNorm(ctx, 96);
    const accumulator = new stream.MomentsAccumulator(ctx, { shape: [-1, 96], axes: [0] });
    await accumulator.addAll([data, data]);
    let misuse: unknown;
    try {
      library.layerNorm(x, { normalizedShape: [7] });
    } catch (error) {
      misuse = [error instanceof library.NormError, String(error)];
    }
    return {
      explained: { ...explained, passes, toString: null },
      text: String(explained),
      y: await read(y),
      tuned: [tuned.op, tuned.shape, Object.keys(tuned).sort()],
      keys: Object.keys(tuning.choices).length,
      again: await read(norm.forward(x)),
      streamed: await read(accumulator.moments()),
      misuse,
    };
  };
  const entries = await Promise.all(["index", "nn/index", "stream/index"].map(imported));
  const [library, nn, stream] = entries as [Library, typeof sourceNN, typeof sourceStream];
  const actual = await everything(library, nn, stream);
  expect(actual).toEqual(await everything(source, sourceNN, sourceStream));
  on.destroy();
}, 120_000);
