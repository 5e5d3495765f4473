// Every misuse throws a NormError at the call that names the operation, the given value and the
// expected value. Afterwards everything still works, and WebGPU has seen no error.

import { expect } from "vitest";
import { type Context, layerNorm, NormError, type Tensor } from "../../src/index";
import { product } from "./arrays";
import { test } from "./fixture";

export interface Kit {
  ctx: Context;
  /** [2, 6, 4]. */
  x: Tensor;
  /** Values of this shape. */
  of: (...shape: number[]) => Tensor;
  /** A buffer of 1 KiB: storage and copies, unless another usage is given. */
  buffer: (usage?: number) => GPUBuffer;
}

/** The parts of the message in order; the first is its start. */
export type ErrorCase = [name: string, call: (kit: Kit) => unknown, message: readonly string[]];

export const USAGE = { copySrc: 4, copyDst: 8, storage: 128 };

export function kitOf(ctx: Context): Kit {
  const of = (...shape: number[]) => {
    const data = Float32Array.from({ length: product(shape) }, (_, i) => i % 5);
    return ctx.tensor(data, shape);
  };
  const all = USAGE.storage | USAGE.copySrc | USAGE.copyDst;
  const buffer = (usage = all) => ctx.device.createBuffer({ size: 1024, usage });
  return { ctx, x: of(2, 6, 4), of, buffer };
}

/** One test a row. */
export function testErrors(rows: readonly ErrorCase[]): void {
  for (const [name, call, message] of rows) {
    test(`${message[0].split(":")[0]}: ${name}`, async ({ ctx }) => {
      const kit = kitOf(ctx);
      expectMessage(
        caught(() => call(kit)),
        message,
      );
      await expectUsable(kit);
    });
  }
}

export function caught(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return new Error("nothing was thrown at the call");
}

/** What a promise rejects with. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => new Error("the promise was not rejected"),
    (reason) => reason,
  );
}

export function expectMessage(error: unknown, parts: readonly string[]): void {
  expect(error).toBeInstanceOf(NormError);
  const { message } = error as NormError;
  expect(message.startsWith(parts[0]), `"${message}" should start with "${parts[0]}"`).toBe(true);
  let at = 0;
  for (const part of parts) {
    const found = message.indexOf(part, at);
    expect(found, `"${message}" should go on with "${part}"`).toBeGreaterThanOrEqual(0);
    at = found + part.length;
  }
}

export async function expectUsable({ x }: Kit): Promise<void> {
  const y = await layerNorm(x, { normalizedShape: [4], eps: 0 }).read();
  [-1.3416408, -0.4472136, 0.4472136, 1.3416408].forEach((v, i) => {
    expect(y[i]).toBeCloseTo(v, 5);
  });
}

export function destroyed(tensor: Tensor): Tensor {
  tensor.destroy();
  return tensor;
}

/** Messages name a GPUBuffer so. Deno's classes have no names of the kind that Web IDL gives. */
const hasNames = Symbol.toStringTag in GPUBuffer.prototype;
export const A_BUFFER = hasNames ? "a GPUBuffer" : "an object";
export const FROM_BUFFER = hasNames ? "tensor: fromBuffer" : "tensor";

/** Whether the device refuses the largest buffer. wgpu on lavapipe promises it. */
export async function knowsItsMemory(device: GPUDevice): Promise<boolean> {
  device.pushErrorScope("out-of-memory");
  device.createBuffer({ size: device.limits.maxBufferSize, usage: USAGE.storage }).destroy();
  return (await device.popErrorScope()) !== null;
}

/** Makes the allocations with this label fail as on a GPU without memory. */
export function failAllocations(device: GPUDevice, label: RegExp): () => void {
  const create = device.createBuffer.bind(device);
  Object.defineProperty(device, "createBuffer", {
    configurable: true,
    value: (descriptor: GPUBufferDescriptor) => {
      const size = label.test(descriptor.label ?? "") ? device.limits.maxBufferSize : 0;
      return create(size > 0 ? { ...descriptor, size } : descriptor);
    },
  });
  return () => Reflect.deleteProperty(device, "createBuffer");
}
