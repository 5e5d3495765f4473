// These are the parts of onnxruntime-web that the adapter uses. The library itself is an argument, so
// that a page has one copy of it, be it its own or that of transformers.js.

import type { ContextOptions } from "../context/create_context";

/** A tensor of onnxruntime-web. */
export interface OrtTensor {
  readonly dims: readonly number[];
  readonly type: string;
  readonly location: string;
  readonly gpuBuffer: unknown;
  dispose(): void;
}

/**
 * The module `onnxruntime-web/webgpu`, or with transformers.js
 * `{ env: env.backends.onnx, Tensor: output.ort_tensor.constructor }`.
 */
export interface OrtLibrary<T extends OrtTensor = OrtTensor> {
  readonly env: { readonly webgpu: { readonly device?: unknown } };
  readonly Tensor: { fromGpuBuffer(buffer: never, options: never): T };
}

/** These are the options of `createContext`; the device is onnxruntime-web's. */
export type OrtOptions = Omit<ContextOptions, "device">;

/** Its names of the types that both libraries have on the GPU. */
export const TYPES = { float32: "f32", float16: "f16" } as const;
