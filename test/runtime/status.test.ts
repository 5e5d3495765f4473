// What the GPU refuses reaches every result that depends on it, once, and nothing that was refused
// is kept. These tests run on Dawn's null backend, which validates as a browser does.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import {
  batchNorm,
  type Context,
  createContext,
  groupNorm,
  layerNorm,
  layerNormBackward,
  mergeMoments,
  moments,
  NormError,
  prepare,
  softmax,
  type Tensor,
} from "../../src/index";
import { BatchNorm } from "../../src/nn/index";
import { subgroupFragments } from "../../src/plan/fragments";
import { scoped } from "../../src/runtime/gpu_status";
import { SHUFFLES, subgroupsWork } from "../../src/runtime/subgroup_check";
import { MomentsAccumulator } from "../../src/stream/index";
import { sourceOf } from "../../src/wgsl/link";
import { type Fault, faultyDevice } from "../support/faulty_device";
import { nullDevice } from "../support/null_device";

const ROWS = { normalizedShape: [4] };
const REFUSED = /^layerNorm(, groupNorm)?: the GPU refused the work: .*destroyed/s;

async function open(): Promise<{ ctx: Context; device: GPUDevice; lost: Tensor }> {
  const device = await nullDevice();
  device.addEventListener("uncapturederror", ({ error }) => {
    throw error;
  });
  const ctx = await createContext({ device });
  const buffer = device.createBuffer({ size: 96, usage: 0x80 | 0x4 });
  const lost = ctx.fromBuffer(buffer, { shape: [2, 3, 4] });
  buffer.destroy();
  return { ctx, device, lost };
}

const message = (promise: Promise<unknown>) =>
  promise.then(
    () => "resolved",
    (error) => {
      expect(error).toBeInstanceOf(NormError);
      return error.message as string;
    },
  );

test("a refusal reaches what is derived from it, and sync() once", async () => {
  const { ctx, lost } = await open();
  const y = softmax(layerNorm(lost, ROWS), { axes: [2] });
  softmax(ctx.empty([2, 2]));
  expect(await message(ctx.sync())).toMatch(REFUSED);
  expect(await message(ctx.sync())).toBe("resolved");
  expect(await message(y.read())).toMatch(REFUSED);
  const later = softmax(y, { axes: [2] });
  expect(await message(later.read())).toMatch(REFUSED);
});

test("a message has the GPU's words and what explains them, and no more", async () => {
  const { ctx, device } = await open();
  const wrong = () => device.createBuffer({ size: 4, usage: 0 });
  const told = async (refused?: () => Promise<string>) => {
    const [, status] = scoped(device, "op", wrong, refused);
    return String(await status.done);
  };
  expect(await told(async () => "the reason")).toMatch(/\nthe reason$/);
  expect(await told()).not.toMatch(/undefined|the reason/);
  const foreign = (await nullDevice()).createBuffer({ size: 96, usage: 0x80 | 0x4 });
  const y = layerNorm(ctx.fromBuffer(foreign, { shape: [2, 3, 4] }), ROWS);
  const words = await message(y.read());
  expect(words).toMatch(/^layerNorm: the GPU refused the work: .*is associated with/);
  expect(words).not.toMatch(/true$/);
});

test("results of several operands: in place, gradients, statistics, running statistics", async () => {
  const { ctx, lost } = await open();
  const bad = layerNorm(lost, ROWS);
  const again = softmax(bad, { axes: [2], out: bad });
  const x = ctx.empty([2, 3, 4]);
  const saved = layerNorm(bad, { ...ROWS, stats: true });
  const { dx, dWeight } = layerNormBackward(x, { x: bad, ...ROWS, weight: ctx.empty([4]) });
  const [runningMean, runningVar] = [ctx.empty([3]), ctx.empty([3])];
  batchNorm(bad, { training: true, runningMean, runningVar });
  const merged = mergeMoments([moments(bad, { axes: [2] }), moments(x, { axes: [2] })]);
  const split = ctx.batch(() => groupNorm(bad, { groups: 3 }));
  const made = { again, ...saved, dx, dWeight, runningMean, runningVar, mean: merged.mean, split };
  for (const [name, tensor] of Object.entries(made)) {
    expect(await message(tensor.read()), name).toMatch(REFUSED);
  }
});

test("an output that is overwritten, not read, is good again", async () => {
  const { ctx, lost } = await open();
  const out = ctx.empty([2, 3, 4]);
  layerNorm(lost, { ...ROWS, out });
  softmax(ctx.empty([2, 3, 4]), { axes: [2], out });
  expect(await message(out.read())).toBe("resolved");
});

test("a batch that an upload cuts has one outcome", async () => {
  const { ctx, lost } = await open();
  const made = ctx.batch(() => {
    const bad = layerNorm(lost, ROWS);
    const uploaded = ctx.tensor([1, 2, 3, 4], [4]);
    return { bad, uploaded, good: softmax(uploaded) };
  });
  for (const tensor of Object.values(made)) {
    expect(await message(tensor.read())).toMatch(REFUSED);
  }
});

test("modules and streams", async () => {
  const { ctx, lost } = await open();
  const norm = new BatchNorm(ctx, 3);
  const bad = layerNorm(lost, ROWS);
  const y = norm.forward(bad);
  const dx = norm.backward(ctx.empty([2, 3, 4]));
  for (const tensor of [y, dx]) expect(await message(tensor.read())).toMatch(REFUSED);
  const acc = new MomentsAccumulator(ctx, { shape: [-1, 3, 4], axes: [0, 2] });
  expect(await message(acc.add(bad))).toContain(": the GPU refused the work");
  expect(acc.count).toBe(0);
});

test("prepared operations pass on what is known of their operands", async () => {
  const { ctx, device, lost } = await open();
  const bad = layerNorm(lost, ROWS);
  const prepared = prepare(ctx, softmax, { shape: [2, 3, 4], axes: [2] });
  const encoder = device.createCommandEncoder();
  const y = prepared.encode(encoder, { x: bad });
  device.queue.submit([encoder.finish()]);
  expect(await message(y.read())).toMatch(REFUSED);
  const next = device.createCommandEncoder();
  prepared.encode(next, { x: ctx.empty([2, 3, 4]) });
  device.queue.submit([next.finish()]);
  expect(await message(y.read())).toBe("resolved");
});

test("a tensor of another context of the device", async () => {
  const { ctx, device, lost } = await open();
  const other = await createContext({ device });
  const x = other.empty([2, 3, 4]);
  const y = softmax(x, { axes: [2], out: layerNorm(lost, ROWS) });
  const z = other.batch(() => groupNorm(x, { groups: 3, residual: layerNorm(lost, ROWS) }));
  expect(await message(y.read())).toBe("resolved");
  expect(await message(z.read())).toMatch(REFUSED);
  expect(await message(other.sync())).toMatch(REFUSED);
  expect(await message(ctx.sync())).toMatch(REFUSED);
});

test("a buffer without memory is not kept: pool, scratch and uniforms", async () => {
  let fault: Fault | null = null;
  const faulty = faultyDevice(await nullDevice(), (call) =>
    call === "createBuffer" ? fault : null,
  );
  const ctx = await createContext({ device: faulty.device, profile: { workgroups: 64 } });
  const x = ctx.empty([2, 8, 9000]);
  const call = () => groupNorm(x, { groups: 2 }); // slices, and so partials in scratch
  fault = "out-of-memory";
  call().destroy(); // to the pool, before the GPU has reported
  const failed = call();
  expect(await message(failed.read())).toMatch(/^groupNorm: the GPU refused/);
  fault = null;
  const y = call();
  expect(await message(y.read())).toBe("resolved");
  expect(await message(ctx.sync())).toContain("out of memory");
  expect(await message(ctx.sync())).toBe("resolved");
  for (const tensor of [x, y, failed]) tensor.destroy();
  ctx.destroy();
  expect(faulty.live.size).toBe(0);
  expect(faulty.uncaptured).toEqual([]);
});

for (const error of ["internal", "out-of-memory", "validation"] as const) {
  test(`a pipeline refused (${error}) may be had later`, async () => {
    let fault: Fault | null = error;
    const faulty = faultyDevice(await nullDevice(), (call) =>
      call === "createComputePipeline" ? fault : null,
    );
    const ctx = await createContext({ device: faulty.device });
    const x = ctx.empty([2, 4]);
    const y = softmax(x);
    expect(await message(y.read())).toMatch(/^softmax: (the GPU refused|out of memory)/);
    fault = null;
    expect(await message(softmax(x).read())).toBe("resolved");
    expect(faulty.uncaptured).toEqual([]);
  });
}

test("a tensor destroyed between encode and submit has no second user", async () => {
  const { ctx, device } = await open();
  const prepared = prepare(ctx, softmax, { shape: [2, 4], axes: [1] });
  const x = ctx.empty([2, 4]);
  const { buffer } = x;
  const encoder = device.createCommandEncoder();
  prepared.encode(encoder, { x });
  x.destroy();
  expect(ctx.empty([2, 4]).buffer).not.toBe(buffer);
  device.pushErrorScope("validation");
  device.queue.submit([encoder.finish()]);
  expect((await device.popErrorScope())?.message).toMatch(/destroyed/);
  const next = device.createCommandEncoder();
  expect(() => prepared.encode(next, null as never)).toThrow(
    "prepared softmax: x is missing, expected a tensor",
  );
});

test("batch refuses what is no synchronous function", async () => {
  const { ctx } = await open();
  expect(() => ctx.batch(3 as never)).toThrow("batch: fn 3, expected a function");
  // biome-ignore lint/suspicious/noThenProperty: the thenable is the point
  expect(() => ctx.batch(() => ({ then() {} }))).toThrow("batch: the function returned a promise");
  expect(ctx.batch(() => null)).toBe(null);
});

test("sync gives a NormError where the queue's promise rejects", async () => {
  const faulty = faultyDevice(await nullDevice(), (call) =>
    call === "onSubmittedWorkDone" ? "reject" : null,
  );
  const ctx = await createContext({ device: faulty.device });
  expect(await message(ctx.sync())).toBe("sync: injected into onSubmittedWorkDone");
});

test("subgroups are given up where the device does not answer in time", async () => {
  const device = await nullDevice(["subgroups"]);
  const { device: silent, live } = faultyDevice(device, (call) =>
    call === "mapAsync" ? "hang" : null,
  );
  const files = subgroupFragments(SHUFFLES).map(sourceOf);
  const sizes = { SUBGROUP_MIN: 4, SUBGROUP_MAX: 128 };
  expect(await subgroupsWork(silent, files, sizes, 50, scoped)).toBe(false);
  const { device: other } = faultyDevice(device, (call) =>
    call === "createComputePipelineAsync" ? "hang" : null,
  );
  expect(await subgroupsWork(other, files, sizes, 50, scoped)).toBe(false);
  expect(live.size).toBe(0);
});

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

test("20,000 calls in place leave nothing behind", { timeout: 120_000 }, async () => {
  const { ctx } = await open();
  const x = ctx.empty([2, 4]);
  const calls = async (count: number) => {
    for (let i = 0; i < count; i++) {
      layerNorm(x, { ...ROWS, out: x });
      if (i % 1000 === 999) await new Promise((resolve) => setTimeout(resolve)); // no sync()
    }
    await ctx.sync();
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  await calls(4000);
  const before = await calls(4000);
  expect((await calls(20_000)) - before).toBeLessThan(400_000); // 20 bytes a call
});

test("settled operands add nothing to the outcome of a call", async () => {
  const { ctx } = await open();
  const x = ctx.empty([2, 4]);
  const y = layerNorm(x, ROWS);
  await ctx.sync();
  expect(y.storage.written.failure).toBe(null);
  expect(x.storage.written.failure).toBe(null);
});
