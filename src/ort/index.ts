// This file is the table of contents of webgpu-norm/ort, which works on onnxruntime-web's tensors.

export { connectOrt as connect, OrtConnection } from "./connection";
export type { CutGraph, CutNames, Feeds, OrtSession } from "./cut_graph";
export type { OrtLibrary, OrtOptions, OrtTensor } from "./library";
