// This file measures the time of the page's thread per operation, whatever the GPU does: a hundred
// operations in one pass, again and again.

import { type Context, layerNorm, prepare, type Tensor } from "../src/index";
import { median } from "./statistics";

const OPERATIONS = 100; // in a pass
const PASSES = 300;
const SHAPE = [16, 64]; // small, so that the queue is never full
const TENSORS = 8; // buffers take turns, as layers do

/** Medians, in microseconds of an operation. */
export interface Overhead {
  /** Recorded by a prepared operation. */
  readonly encode: number;
  /** Called within `ctx.batch`. */
  readonly call: number;
}

export async function measureOverhead(ctx: Context): Promise<Overhead> {
  const options = { normalizedShape: [SHAPE[1]] };
  const tensors = Array.from({ length: TENSORS }, () => ctx.empty(SHAPE));
  const weight = ctx.empty(options.normalizedShape);
  const from = (i: number) => tensors[i % TENSORS];
  const to = (i: number) => tensors[(i + 1) % TENSORS];
  const all = { shape: SHAPE, ...options, weight: true, bias: true, out: true } as const;
  const op = prepare(ctx, layerNorm, all);
  const record = (pass: GPUComputePassEncoder, i: number) =>
    op.encode(pass, { x: from(i), y: to(i), weight, bias: weight });
  const call = (i: number) => layerNorm(from(i), { ...options, weight, bias: weight, out: to(i) });
  const result = { encode: await recorded(ctx, record), call: await called(ctx, call) };
  op.destroy();
  for (const tensor of [...tensors, weight]) tensor.destroy();
  return result;
}

async function recorded(
  { device }: Context,
  record: (pass: GPUComputePassEncoder, i: number) => Tensor,
): Promise<number> {
  return sampled(device, () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const start = performance.now();
    for (let i = 0; i < OPERATIONS; i++) record(pass, i);
    const ms = performance.now() - start;
    pass.end();
    device.queue.submit([encoder.finish()]);
    return ms;
  });
}

/** The batch's own submit is within the time. */
function called(ctx: Context, call: (i: number) => Tensor): Promise<number> {
  return sampled(ctx.device, () => {
    const start = performance.now();
    ctx.batch(() => {
      for (let i = 0; i < OPERATIONS; i++) call(i);
    });
    return performance.now() - start;
  });
}

/** The clock of a page has steps of 0.1 ms: sums of ten passes lose none of it. */
async function sampled(device: GPUDevice, pass: () => number): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < PASSES / 10; i++) {
    let ms = 0;
    for (let k = 0; k < 10; k++) {
      ms += pass();
      await device.queue.onSubmittedWorkDone();
    }
    samples.push((1000 * ms) / (10 * OPERATIONS));
  }
  return median(samples);
}
