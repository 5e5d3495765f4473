// The pool allocates, reuses and frees GPU buffers. It knows no tensor.

import { fail } from "../base/errors";
import { memoize } from "../base/memoize";
import type { Check } from "./command_queue";

// These flags are numbers, since the globals do not exist in Node or while a page is rendered on a
// server.
export const MAP_READ = 0x1;
export const COPY_SRC = 0x4;
export const COPY_DST = 0x8;
export const UNIFORM = 0x40;
export const STORAGE = 0x80;

/**
 * Returns the size of a buffer for this many bytes. Some runtimes refuse sizes that 16 does not
 * divide.
 */
const roundUp = (bytes: number) => Math.max(16, Math.ceil(bytes / 16) * 16);

export type BufferPool = ReturnType<typeof bufferPool>;

/**
 * Makes a pool. Buffers wait in it for their next use, by exact size, up to a total of `capacity`
 * bytes. A buffer that got no memory leaves it, so that the next one is made anew.
 */
export function bufferPool(device: GPUDevice, capacity: number, check: Check) {
  const free = new Map<number, GPUBuffer[]>();
  const scratch = new Map<string, GPUBuffer>();
  const pending: { destroy(): void }[] = [];
  const refused = new WeakSet<GPUBuffer>(); // they got no memory
  let freeBytes = 0;

  function create(op: string, label: string, size: number): GPUBuffer {
    const usage = STORAGE | COPY_SRC | COPY_DST;
    const make = () => device.createBuffer({ label: `webgpu-norm ${label}`, size, usage });
    return check(op, make, (buffer) => void refused.add(buffer));
  }

  /** Checks the size of a buffer that is to be made. */
  function checkSize(op: string, bytes: number, what = ""): void {
    const limit = device.limits.maxBufferSize;
    if (bytes <= limit) return;
    fail(op, `${what}${bytes} bytes, expected at most the device's maxBufferSize of ${limit}`);
  }

  /** Destroys a buffer or texture once no work that is recorded but not submitted uses it. */
  function destroyLater(buffer: { destroy(): void }): void {
    pending.push(buffer);
  }

  /** Destroys the buffers that wait for it. The caller has submitted all recorded work. */
  function destroyPending(): void {
    for (const buffer of pending.splice(0)) buffer.destroy();
  }

  return {
    checkSize,
    destroyLater,
    destroyPending,

    acquire(op: string, bytes: number): GPUBuffer {
      checkSize(op, bytes);
      const size = roundUp(bytes);
      const reused = free.get(size)?.pop();
      if (reused === undefined) return create(op, op, size);
      freeBytes -= size;
      if (!refused.has(reused)) return reused;
      destroyLater(reused);
      return create(op, op, size);
    },

    release(buffer: GPUBuffer): void {
      if (refused.has(buffer) || freeBytes + buffer.size > capacity) {
        destroyLater(buffer);
        return;
      }
      freeBytes += buffer.size;
      memoize(free, buffer.size, () => []).push(buffer);
    },

    /** Returns a buffer of at least this many bytes, whose content lasts for one operation. */
    scratchFor(op: string, name: string, bytes: number): GPUBuffer {
      const known = scratch.get(name);
      if (known && known.size >= bytes && !refused.has(known)) return known;
      checkSize(op, bytes, "scratch of ");
      const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 2); // grows seldom
      const size = Math.min(device.limits.maxBufferSize, Math.ceil(bytes / step) * step);
      const buffer = create(op, `scratch ${name}`, size);
      scratch.set(name, buffer);
      if (known) destroyLater(known);
      return buffer;
    },

    destroy(): void {
      for (const buffer of [...free.values()].flat()) destroyLater(buffer);
      for (const buffer of scratch.values()) destroyLater(buffer);
      free.clear();
      scratch.clear();
      freeBytes = 0;
      destroyPending();
    },
  };
}
