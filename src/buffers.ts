// GPU buffers: what the library allocates, reuses and gives back. Knows no tensor.

import { fail } from "./errors";

// numeric, since the globals do not exist in Node or while a page is rendered on a server
export const USAGE = { MAP_READ: 0x1, COPY_SRC: 0x4, COPY_DST: 0x8, UNIFORM: 0x40, STORAGE: 0x80 };
const DATA = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;

/** Bytes of a buffer for so many bytes of data: other runtimes refuse sizes not divisible by 16. */
const roundedUp = (bytes: number) => Math.max(16, Math.ceil(bytes / 16) * 16);

/** Buffers that wait for their next use, by exact size, up to a total of `capacity` bytes. */
export class BufferPool {
  private readonly free = new Map<number, GPUBuffer[]>();
  private readonly scratch = new Map<string, GPUBuffer>();
  private doomed: GPUBuffer[] = [];
  private held = 0;
  private allocated: Promise<GPUError | null>[] = [];

  constructor(
    private readonly device: GPUDevice,
    private readonly capacity: number,
  ) {}

  acquire(bytes: number, label: string): GPUBuffer {
    const size = roundedUp(bytes);
    const reused = this.free.get(size)?.pop();
    if (reused === undefined) return this.create(label, size);
    this.held -= size;
    return reused;
  }

  /** How the allocations since the last call of this went. */
  outcome(): Promise<GPUError | null> | null {
    if (this.allocated.length === 0) return null;
    const all = Promise.all(this.allocated);
    this.allocated = [];
    return all.then((errors) => errors.find((error) => error !== null) ?? null);
  }

  release(buffer: GPUBuffer): void {
    if (this.held + buffer.size > this.capacity) {
      this.doomed.push(buffer);
      return;
    }
    this.held += buffer.size;
    const list = this.free.get(buffer.size);
    if (list) list.push(buffer);
    else this.free.set(buffer.size, [buffer]);
  }

  /** A buffer of at least so many bytes whose content lasts for one operation. */
  scratchFor(op: string, name: string, bytes: number): GPUBuffer {
    const known = this.scratch.get(name);
    if (known !== undefined && known.size >= bytes) return known;
    if (known !== undefined) this.doomed.push(known);
    const limit = this.device.limits.maxBufferSize;
    if (bytes > limit) {
      fail(
        op,
        `scratch of ${bytes} bytes, expected at most the device's maxBufferSize of ${limit}`,
      );
    }
    const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes)) - 2); // so that it seldom has to grow
    const size = Math.min(limit, Math.ceil(bytes / step) * step);
    const buffer = this.create(`webgpu-norm scratch ${name}`, size);
    this.scratch.set(name, buffer);
    return buffer;
  }

  private create(label: string, size: number): GPUBuffer {
    this.device.pushErrorScope("out-of-memory");
    const buffer = this.device.createBuffer({ label, size, usage: DATA });
    this.allocated.push(this.device.popErrorScope().catch(() => null)); // lost: reads say so
    return buffer;
  }

  /** To be called when nothing that is recorded but not submitted uses the buffers given up. */
  sweep(): void {
    if (this.doomed.length === 0) return;
    for (const buffer of this.doomed) buffer.destroy();
    this.doomed = [];
  }

  doom(buffer: GPUBuffer): void {
    this.doomed.push(buffer);
  }

  destroy(): void {
    for (const buffer of [...this.free.values()].flat()) buffer.destroy();
    for (const buffer of this.scratch.values()) buffer.destroy();
    this.free.clear();
    this.scratch.clear();
    this.held = 0;
    this.sweep();
  }
}
