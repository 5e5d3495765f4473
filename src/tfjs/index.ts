// This file is the table of contents of webgpu-norm/tfjs, which works on TensorFlow.js's tensors and
// may take the place of its kernels.

export { connectTf as connect, TfConnection } from "./connection";
export type { Differentiable } from "./differentiable";
export type { InstallOptions } from "./install";
export type { TfLibrary, TfOptions, TfTensor } from "./library";
