// These are the parts of TensorFlow.js that the adapter uses. The library itself is an argument, so
// that a page has one copy of it.

import type { ContextOptions } from "../context/create_context";

/** What TensorFlow.js's kernels get and give. */
export interface TfTensorInfo {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: string;
}

/** A tensor of TensorFlow.js. */
export interface TfTensor extends TfTensorInfo {
  readonly isDisposed: boolean;
  dispose(): void;
}

export interface TfKernelCall {
  readonly inputs: Readonly<Record<string, TfTensorInfo | undefined>>;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly backend: unknown;
}

export interface TfKernel {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: never) => unknown;
}

/** `@tensorflow/tfjs-core` 4.22, or all of `@tensorflow/tfjs`, with its WebGPU backend. */
export interface TfLibrary<T extends TfTensor = TfTensor> {
  readonly version_core?: string;
  getBackend(): string;
  backend(): unknown;
  engine(): unknown;
  tensor(values: never, shape: never, dtype?: never): T;
  customGrad(f: never): unknown;
  getKernel(kernelName: string, backendName: string): unknown;
  registerKernel(kernel: never): void;
  unregisterKernel(kernelName: string, backendName: string): void;
}

/** These are the options of `createContext`; the device is TensorFlow.js's. */
export type TfOptions = Omit<ContextOptions, "device">;
