// An exchange moves arrays between the libraries. Where TensorFlow.js's WebGPU backend is built as
// version 4.22 is, arrays stay in its own buffers, which it frees; else the public functions copy them.

import { fail, show } from "../base/errors";
import { sizeOf } from "../base/shape";
import { copy } from "../norms/shared/elementwise";
import type { Context } from "../runtime/context";
import type { Tensor } from "../runtime/tensor";
import type { TfLibrary, TfTensor, TfTensorInfo } from "./library";

export interface Exchange<T extends TfTensor> {
  /** Returns a tensor over an array of TensorFlow.js, or over a copy of it. */
  from(tensor: TfTensorInfo): Tensor;
  /** Returns an array of TensorFlow.js that `fill` writes. */
  make(shape: readonly number[], fill: (out: Tensor) => void): TfTensorInfo;
  /** Returns the same as a tensor that TensorFlow.js keeps account of. */
  makeTensor(shape: readonly number[], fill: (out: Tensor) => void): T;
}

/** These members of the backend are not public. */
interface Backend {
  readonly device: GPUDevice;
  readonly tensorMap: { get(id: object): { resource?: GPUBuffer | null } };
  readonly commandEncoder: unknown;
  readonly bufferManager: { acquireBuffer(size: number, usage: number): GPUBuffer };
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(id: object): void;
  makeTensorInfo(shape: readonly number[], dtype: "float32"): TfTensorInfo;
  disposeData(id: object, force: boolean): boolean;
}

const METHODS = [
  "endComputePassEncoder",
  "submitQueue",
  "uploadToGPU",
  "makeTensorInfo",
  "disposeData",
] as const;

const USAGE = 128 + 8 + 4; // STORAGE, COPY_DST, COPY_SRC

/** Says whether it is the version whose backend's members the exchange without copies uses. */
export function isKnown(tf: TfLibrary<TfTensor>): boolean {
  const backend = Object(tf.backend());
  return (
    /^4\.22\./.test(String(tf.version_core)) &&
    METHODS.every((name) => typeof backend[name] === "function") &&
    typeof Object(backend.tensorMap).get === "function" &&
    typeof Object(backend.bufferManager).acquireBuffer === "function"
  );
}

function checkFloat(op: string, { dtype, isDisposed }: TfTensorInfo & Partial<TfTensor>) {
  if (isDisposed === true) fail(op, "the tensor is disposed, expected a live one");
  if (dtype !== "float32") fail(op, `dtype ${show(dtype)}, expected "float32"`);
}

/** Works in TensorFlow.js's own buffers. */
export function ownBuffers<T extends TfTensor>(tf: TfLibrary<T>, context: Context): Exchange<T> {
  const backend = tf.backend() as Backend;
  /** Its recorded work comes before ours. */
  const flush = () => {
    if (!backend.commandEncoder) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  };
  const bufferOf = (id: object) => {
    if (!backend.tensorMap.get(id).resource) backend.uploadToGPU(id);
    return backend.tensorMap.get(id).resource as GPUBuffer;
  };
  const make: Exchange<T>["make"] = (shape, fill) => {
    const info = backend.makeTensorInfo(shape, "float32");
    try {
      const buffer = backend.bufferManager.acquireBuffer(4 * sizeOf(shape), USAGE);
      backend.tensorMap.get(info.dataId).resource = buffer;
      fill(context.fromBuffer(buffer, { shape }));
      return info;
    } catch (error) {
      backend.disposeData(info.dataId, true);
      throw error;
    }
  };
  return {
    from: (tensor) => {
      checkFloat("from", tensor);
      const buffer = bufferOf(tensor.dataId);
      flush();
      return context.fromBuffer(buffer, { shape: tensor.shape });
    },
    make,
    makeTensor: (shape, fill) => {
      const engine = tf.engine() as { makeTensorFromTensorInfo(info: TfTensorInfo): T };
      return engine.makeTensorFromTensorInfo(make(shape, fill));
    },
  };
}

/** Tensors have these public methods. */
interface Readable {
  dataToGPU(): { readonly buffer: GPUBuffer; readonly tensorRef: TfTensor };
  dataSync(): Float32Array;
}

/** Returns the elements on the GPU, or null if they are on the CPU, where it says so by an exception. */
function onGpu(tensor: Readable) {
  try {
    return tensor.dataToGPU();
  } catch {
    return null;
  }
}

/** Copies by public functions, which any version with a WebGPU backend has. */
export function copies<T extends TfTensor>(tf: TfLibrary<T>, context: Context): Exchange<T> {
  const { device } = context;
  const copyBuffer = (from: GPUBuffer, to: GPUBuffer, bytes: number) => {
    const encoder = device.createCommandEncoder({ label: "webgpu-norm/tfjs" });
    encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
    device.queue.submit([encoder.finish()]);
  };
  const makeTensor: Exchange<T>["makeTensor"] = (shape, fill) => {
    const size = 4 * sizeOf(shape); // TensorFlow.js takes a larger buffer for more elements
    const buffer = device.createBuffer({ label: "webgpu-norm/tfjs", size, usage: USAGE });
    try {
      fill(context.fromBuffer(buffer, { shape }));
      return tf.tensor({ buffer } as never, [...shape] as never, "float32" as never);
    } finally {
      buffer.destroy();
    }
  };
  return {
    from: (tensor) => {
      checkFloat("from", tensor);
      const readable = tensor as unknown as Readable;
      const there = onGpu(readable);
      if (there === null) return context.tensor(readable.dataSync(), tensor.shape);
      const own = context.empty(tensor.shape);
      copyBuffer(there.buffer, own.buffer, 4 * own.size);
      there.tensorRef.dispose();
      return own;
    },
    make: makeTensor,
    makeTensor,
  };
}

/** Fills an array with a tensor's elements. */
export const filledWith = (tensor: Tensor) => (out: Tensor) => {
  copy(tensor, out);
};
