// The textbook formula on the visitor's GPU, or the same arithmetic in JavaScript where there is none.

import type { Context } from "../../src/index";
import source from "./naive.wgsl?raw";

export interface NaiveOptions {
  readonly length: number;
  readonly eps: number;
  /** Sums are rounded to f16. */
  readonly half: boolean;
}

export async function naiveOnGpu(
  context: Context,
  data: Float32Array,
  { length, eps, half }: NaiveOptions,
): Promise<Float32Array> {
  const { device } = context;
  const x = context.tensor(data, [data.length]);
  const y = context.empty([data.length]);
  const module = device.createShaderModule({ label: "textbook formula", code: source });
  const constants = { LENGTH: length, EPS: eps, HALF: Number(half) };
  const pipeline = await device.createComputePipelineAsync({
    label: "textbook formula",
    layout: "auto",
    compute: { module, constants },
  });
  const entries = [x, y].map(({ buffer }, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(data.length / length);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const result = await y.read();
  x.destroy();
  y.destroy();
  return result;
}

/** The same in JavaScript, rounded to f32 after each operation: a simulation, and the page says so. */
export function naiveSimulated(
  data: Float32Array,
  { length, eps, half }: NaiveOptions,
): Float32Array {
  const f = half ? toHalf : Math.fround;
  const y = new Float32Array(data.length);
  for (let first = 0; first < data.length; first += length) {
    let sum = 0;
    let squares = 0;
    for (const value of data.subarray(first, first + length)) {
      sum = f(sum + f(value));
      squares = f(squares + f(value * value));
    }
    const mean = Math.fround(sum / length);
    const variance = Math.fround(Math.fround(squares / length) - Math.fround(mean * mean));
    const rstd = Math.fround(1 / Math.sqrt(variance + eps));
    for (let k = first; k < first + length; k++) y[k] = ((data[k] as number) - mean) * rstd;
  }
  return y;
}

/** Rounds to f16: eleven bits, up to 65,504. */
function toHalf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value)))) - 10);
  const rounded = Math.round(value / step) * step;
  return Math.abs(rounded) > 65504 ? Math.sign(value) * Infinity : rounded;
}
