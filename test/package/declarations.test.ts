// The package's declarations compile for users, under several versions of TypeScript.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import published from "../../package.json" with { type: "json" };
import { root } from "../../scripts/lib/browser.mjs";
import { copyPackage } from "../support/built_package";

/** A user's program: what comes of one entry is taken by the others. */
const PROGRAM = `
import { createContext, explain, layerNorm, NormError, prepare, tune, warmup, type Context, type Tensor } from "webgpu-norm";
import * as min from "webgpu-norm/min";
import { channelGroup } from "webgpu-norm/channel";
import { MomentsState } from "webgpu-norm/moments";
import { BatchNorm, LayerNorm, type NormModule, SyncBatchNorm } from "webgpu-norm/nn";
import { connect as connectOrt, type OrtConnection } from "webgpu-norm/ort";
import { MomentsAccumulator, momentsStateOf } from "webgpu-norm/stream";
import { connect as connectTfjs } from "webgpu-norm/tfjs";

const ctx: Context = await createContext();
const x: Tensor = ctx.tensor([1, 2, 3, 4], [2, 2]);
const bytes = new DataView(new ArrayBuffer(8));
const others = [ctx.tensor(bytes, [2]), ctx.tensor(Uint8ClampedArray.of(1), [1])];
new LayerNorm(ctx, 2).loadStateDict(
  new Map([["g", { data: bytes, shape: [2], dtype: "F32" }], ["b", { data: bytes, dtype: "F32" }]]),
  { names: { g: "weight", b: "bias" } },
);
const modules: NormModule[] = [new LayerNorm(ctx, 2), new BatchNorm(ctx, 2)];
const y: Tensor = new LayerNorm(ctx, 2).forward(x);
const { y: z, mean } = layerNorm(y, { normalizedShape: [2], stats: true });
const both: [Tensor, Tensor] = [z, mean];
const sameEverywhere: Tensor = min.layerNorm(x, { normalizedShape: [2] });
const accumulator = new MomentsAccumulator(ctx, { shape: [-1, 2] });
await accumulator.add(x);
const values: Float32Array | Uint16Array = await accumulator.moments().mean.read();
const text: string = new NormError("text").message;
const device: GPUDevice = ctx.device;

const state: MomentsState = await accumulator.state({ range: [0, 5] });
const stored: Uint8Array = state.merge(MomentsState.fromBytes(new Uint8Array(4))).toBytes();
state.add({ count: 2n, pivot: [1], delta: [0], variance: Float32Array.of(1), range: [0n, 5n] });
state.add({ count: 2, sum: [1n], squares: [1n], range: [5, 6], nan: [0n] });
accumulator.load(MomentsState.fromJSON(state.toJSON()));
state.merge(await momentsStateOf(x, { axes: [0], shape: [-1, 2], range: [6, 7] }));
const link: OrtConnection = await connectOrt({} as Parameters<typeof connectOrt>[0]);
const tfjs: Promise<object> = connectTfjs({} as Parameters<typeof connectTfjs>[0]);
const counts: BigUint64Array = state.moments().count;
const group: norms.Group = channelGroup({ channel: new BroadcastChannel("a"), rank: 0, size: 2 });
channelGroup({ channel: [new MessageChannel().port1], rank: 0, size: 2, name: "b" });
const sync = new SyncBatchNorm(ctx, 2, { group, timeout: 1000, momentum: null });
const later: Promise<Tensor> = sync.forward(x);
await new BatchNorm(ctx, 2).estimate([x]);
await sync.estimate(state);
await new BatchNorm(ctx, 2).estimate(accumulator);
const folded: { weight: Tensor; bias: Tensor } = norms.foldBatchNorm({ weight: x, mean: x, variance: x });
await norms.syncBatchNorm(x, { group, signal: AbortSignal.timeout(5) });
await norms.syncBatchNorm(x, { allReduce: (own) => own });

// What is right
import * as norms from "webgpu-norm";
const [weight, bias] = [x, x];
const plain: Tensor = norms.batchNorm(x, { training: true, runningMean: x, runningVar: x });
norms.batchNorm(x, { weight, channelAxis: -1 });
norms.rmsNorm(x, { axes: [1] });
const withoutOptions: Tensor[] = [norms.instanceNorm(x), norms.weightStandardize(x), norms.batchNorm(x), norms.softmax(x)];
norms.rmsNorm(x, { normalizedShape: 2, eps: null });
layerNorm(x, { normalizedShape: 2, weight: undefined, bias });
const gradients = norms.layerNormBackward(x, { x, normalizedShape: [2], weight, bias });
const all: Tensor[] = [gradients.dx, gradients.dWeight, gradients.dBias];
const { dx } = norms.layerNormBackward(x, { x, normalizedShape: [2], weight, gradients: ["dx"] });
const { dBias } = norms.globalResponseNormBackward(x, { x, weight, bias, gradients: ["dBias"] });
const composed: Tensor[] = [dBias, norms.globalResponseNormBackward(x, { x, weight }).dWeight];
const names: norms.GradientName[] = ["dx"];
const some: Tensor | undefined = norms.softmaxBackward(x, { x, gradients: names }).dx;
norms.applyMoments(x, { ...norms.moments(x, { axes: [0] }), axes: [0] });
const op = prepare(ctx, layerNorm, { shape: [2, 2], normalizedShape: [2], weight: true, out: true });
const prepared: norms.PreparedOperation<Tensor> = op;
const back = prepare(ctx, norms.layerNormBackward, { shape: [2], x: true, normalizedShape: 2, weight: {} });
const made: norms.PreparedOperation<{ dx: Tensor; dWeight: Tensor }> = back;
prepare(ctx, norms.mean, { shape: [2], axes: [0] });
explain(ctx, norms.rmsNorm, { shape: [2, 2], axes: [1], weight: { dtype: "f16" } });
await warmup(ctx, [[layerNorm, { shape: [2, 2], normalizedShape: [2] }], [norms.softmax, { shape: [2] }]]);
const two: [Tensor, Tensor] = ctx.batch(() => [norms.mean(x), norms.std(x, { correction: 0 })]);
const wrapped = (options: norms.LayerNormOptions & { weight: Tensor }) => explain(ctx, layerNorm, { shape: [2], ...options });

// What is wrong
// @ts-expect-error: both forms of a record
state.add({ count: 2, pivot: [1], delta: [0], variance: [1], sum: [1n], squares: [1n], range: [5, 6] });
// @ts-expect-error: a record of no part of the data
state.add({ count: 2, pivot: [1], delta: [0], variance: [1] });
// @ts-expect-error: a module over workers without them
new SyncBatchNorm(ctx, 2, {});
// @ts-expect-error: its forward is a promise
const module: NormModule = sync;
// @ts-expect-error: an unknown option
layerNorm(x, { normalizedShape: [2], epsilon: 1 });
// @ts-expect-error: an option of another norm
norms.standardize(x, { axes: [0], normalizedShape: [2] });
// @ts-expect-error: an unknown option in a variable, too
const misspelled = { axes: [0], axis: 1 }; norms.softmax(x, misspelled);
// @ts-expect-error: an unknown option of statistics
norms.mean(x, { axes: [0], keepdims: true });
// @ts-expect-error: an unknown option of a backward
norms.softmaxBackward(x, { x, axis: 1 });
// @ts-expect-error: an option of the forward's results
norms.layerNormBackward(x, { x, normalizedShape: [2], stats: true });
// @ts-expect-error: a gradient that is not asked for
norms.layerNormBackward(x, { x, normalizedShape: [2], weight, gradients: ["dx"] }).dWeight;
// @ts-expect-error: a gradient that is not asked for, of a composed operation
norms.globalResponseNormBackward(x, { x, weight, gradients: ["dx"] }).dWeight;
// @ts-expect-error: an unknown option of a composed backward
norms.globalResponseNormBackward(x, { x, axis: 1 });
// @ts-expect-error: a description in a call
layerNorm(x, { normalizedShape: [2], weight: true });
// @ts-expect-error: a description in a call
layerNorm(x, { normalizedShape: [2], weight: { shape: [2] } });
// @ts-expect-error: no tensor for the result
layerNorm(x, { normalizedShape: [2], out: true });
// @ts-expect-error: neither
norms.rmsNorm(x, {});
// @ts-expect-error: no options where some are needed
norms.groupNorm(x);
// @ts-expect-error: both
norms.rmsNorm(x, { axes: [1], normalizedShape: [2] });
// @ts-expect-error: one running statistic
norms.batchNorm(x, { runningMean: x });
// @ts-expect-error: one running statistic
norms.instanceNorm(x, { runningVar: x });
// @ts-expect-error: no variance
norms.applyMoments(x, { mean: x, axes: [0] });
// @ts-expect-error: rstd of given moments
norms.applyMomentsBackward(x, { x, mean: x, variance: x, rstd: x, axes: [0] });
// @ts-expect-error: a batch that waits
ctx.batch(async () => norms.mean(x));
// @ts-expect-error: an unknown option of a plan
prepare(ctx, layerNorm, { shape: [2, 2], normalizedShape: [2], epsilon: 1 });
// @ts-expect-error: an unknown option of a plan
explain(ctx, norms.softmax, { shape: [2, 2], axis: 1 });
// @ts-expect-error: an unknown option of a plan
await warmup(ctx, [[norms.softmax, { shape: [2, 2], axis: 1 }]]);
// @ts-expect-error: an unknown option of a plan
await tune(ctx, [[norms.softmax, { shape: [2, 2], axis: 1 }]]);
// @ts-expect-error: a device in the place of options
await createContext(ctx.device);
// @ts-expect-error: a tensor is no value that a program could make
import { Tensor as Made } from "webgpu-norm"; new Made();
// @ts-expect-error: a shape is a list of numbers
layerNorm(x, { normalizedShape: "2" });
// @ts-expect-error: data are numbers
ctx.tensor("12", [2]);
export { all, both, counts, folded, later, module, stored, device, dx, made, modules, others, plain, prepared, sameEverywhere, some, text, two, values, withoutOptions, wrapped };
`;

const COMPILERS = {
  "5.9": join("typescript-5.9", "bin", "tsc"),
  "6": join("@typescript", "typescript6", "bin", "tsc6"),
  "7": join("typescript", "bin", "tsc"),
};

/** TypeScript 5.9 has no types of WebGPU; later ones have them among the DOM's. */
const CASES = [
  ["5.9", ["@webgpu/types"]],
  ["6", []],
  ["7", []],
] as const;

const user = mkdtempSync(join(tmpdir(), "webgpu-norm-user-"));
const modules = join(user, "node_modules");
const dist = join(modules, "webgpu-norm", "dist");
afterAll(() => rmSync(user, { recursive: true, force: true }));

beforeAll(async () => {
  mkdirSync(dist, { recursive: true });
  symlinkSync(join(root, "package.json"), join(modules, "webgpu-norm", "package.json"));
  mkdirSync(join(modules, "@webgpu"));
  symlinkSync(join(root, "node_modules", "@webgpu", "types"), join(modules, "@webgpu", "types"));
  writeFileSync(join(user, "package.json"), '{ "type": "module" }');
  writeFileSync(join(user, "program.ts"), PROGRAM);
  await copyPackage(dist, "declarations");
}, 120_000);

test("there is one file of declarations an entry", () => {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
  const declarations = files.filter((name) => name.endsWith(".d.ts")).sort();
  const types = Object.values(published.exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [join(entry.types.replace("./dist/", ""))],
  );
  expect(declarations).toEqual([...new Set(types)].sort());
});

test.each(CASES)(
  "declarations compile under TypeScript %s with types %j, none of Node, and default libraries",
  (version, types) => {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      target: "es2022",
      module: "nodenext",
      skipLibCheck: false,
      types,
    };
    const config = { compilerOptions, files: ["program.ts"] };
    writeFileSync(join(user, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules", COMPILERS[version]);
    const { stdout } = spawnSync(process.execPath, [tsc], { cwd: user, encoding: "utf8" });
    expect(stdout).toBe("");
  },
  180_000,
);
