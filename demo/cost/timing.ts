// This file measures the time of a norm, and of a plain copy of equal bytes beside it: wall clock
// from submit to completion, over enough repeats to stand out from the steps of the clock and the
// way to the GPU.

import { entryAt } from "../../src/base/entry";
import type { Context, Tensor } from "../../src/index";
import copySource from "./copy.wgsl?raw";

/** Puts `repeats` runs on the queue and returns when they are submitted. */
export type Encode = (repeats: number) => void;

export interface Timing {
  /** Median of one run, in milliseconds. */
  ms: number;
  /** One read and one write of x over that time. */
  gbs: number;
  /** The fastest and the slowest round. */
  range: readonly [number, number];
}

/** One submit lasts about this long, so that a clock with steps of 1 ms is good for 2 %. */
const TARGET_MS = 50;
const MAX_REPEATS = 500;
const ROUNDS = 7;
const MIN_ROUNDS = 3;
/** After this time fewer rounds will do: a software adapter is slow. */
const BUDGET_MS = 4000;

/** Copies the bytes of x, packs of 16 bytes at a time. */
export function copyKernel(device: GPUDevice, x: Tensor, y: Tensor, bytes = 4): Encode {
  const record = copyRecorder(device, x, y, bytes);
  return (repeats) => {
    const encoder = device.createCommandEncoder({ label: "demo copy" });
    record(encoder, repeats);
    device.queue.submit([encoder.finish()]);
  };
}

/** Records copies of the bytes of x into the caller's encoder. */
export function copyRecorder(device: GPUDevice, x: Tensor, y: Tensor, bytes = 4) {
  const count = Math.ceil((x.size * bytes) / 16);
  const module = device.createShaderModule({ label: "demo copy", code: copySource });
  const pipeline = device.createComputePipeline({
    label: "demo copy",
    layout: "auto",
    compute: { module, entryPoint: "main", constants: { COUNT: count } },
  });
  // buffers of the library's own are rounded up to 16 bytes
  const bind = (binding: number, { buffer }: Tensor) => ({
    binding,
    resource: { buffer, size: count * 16 },
  });
  const bindGroup = device.createBindGroup({
    label: "demo copy",
    layout: pipeline.getBindGroupLayout(0),
    entries: [bind(0, x), bind(1, y)],
  });
  const groups = Math.ceil(count / 64);
  const rows = Math.ceil(groups / device.limits.maxComputeWorkgroupsPerDimension);
  return (encoder: GPUCommandEncoder, repeats: number) => {
    const pass = encoder.beginComputePass({ label: "demo copy" });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    pass.end();
  };
}

/** Times the kernels in turns, so that a change of clock or load meets all of them alike. */
export async function timeInTurns(
  context: Context,
  kernels: readonly Encode[],
  bytes: number,
  proceed: (round: number, rounds: number) => void,
): Promise<Timing[]> {
  const { device } = context;
  const timed: { encode: Encode; repeats: number; times: number[] }[] = [];
  for (const encode of kernels) {
    await elapsed(device, encode, 1);
    const once = await elapsed(device, encode, 1);
    const few = Math.min(MAX_REPEATS, Math.max(1, Math.floor(TARGET_MS / Math.max(once, 0.1))));
    const each = (await elapsed(device, encode, few)) / few;
    const many = Math.min(MAX_REPEATS, Math.max(1, Math.round(TARGET_MS / Math.max(each, 1e-3))));
    timed.push({ encode, repeats: many, times: [] });
  }
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    if (round >= MIN_ROUNDS && performance.now() - start > BUDGET_MS) break;
    for (const { encode, repeats, times } of timed) {
      proceed(round + 1, ROUNDS);
      times.push((await elapsed(device, encode, repeats)) / repeats);
    }
  }
  return timed.map(({ times }) => {
    const ms = median(times);
    return { ms, gbs: (2 * bytes) / (ms * 1e6), range: [Math.min(...times), Math.max(...times)] };
  });
}

async function elapsed(device: GPUDevice, encode: Encode, repeats: number): Promise<number> {
  encode(repeats);
  const start = performance.now();
  const done = device.queue.onSubmittedWorkDone();
  // Firefox looks for finished work only every 100 ms unless something is submitted
  device.queue.submit([]);
  await done;
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = entryAt(sorted, middle);
  return sorted.length % 2 ? high : (entryAt(sorted, middle - 1) + high) / 2;
}
