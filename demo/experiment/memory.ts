// The buffers of an experiment are its own: kernels bind them, and the library sees parts of them as
// tensors.

import type { Context, Tensor } from "../../src/index";

type Words = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

export interface Memory {
  /** A buffer of zeros. */
  zeros(label: string, words: number): GPUBuffer;
  storage(label: string, data: Words): GPUBuffer;
  uniform(label: string, data: Words): GPUBuffer;
  /** The part of a buffer that begins at this word. */
  view(buffer: GPUBuffer, start: number, shape: readonly number[]): Tensor;
  destroy(): void;
}

const USAGE = { copySrc: 4, copyDst: 8, uniform: 64, storage: 128 };
const STORAGE = USAGE.storage | USAGE.copySrc | USAGE.copyDst;
const UNIFORM = USAGE.uniform | USAGE.copyDst;

export function createMemory(context: Context): Memory {
  const { device } = context;
  const buffers: GPUBuffer[] = [];
  const make = (name: string, words: number, usage: number) => {
    const buffer = device.createBuffer({ label: `experiment ${name}`, size: 4 * words, usage });
    buffers.push(buffer);
    return buffer;
  };
  const fill = (label: string, data: Words, usage: number) => {
    const buffer = make(label, data.length, usage);
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  return {
    zeros: (label, words) => make(label, words, STORAGE),
    storage: (label, data) => fill(label, data, STORAGE),
    uniform: (label, data) => fill(label, data, UNIFORM),
    view: (buffer, start, shape) => context.fromBuffer(buffer, { shape, offset: 4 * start }),
    destroy() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
