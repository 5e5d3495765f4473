// This file is the table of contents of webgpu-norm/stream, which handles data larger than the GPU.

export type { Chunk } from "./chunking";
export { MomentsAccumulator } from "./moments_accumulator";
export type {
  AccumulatorOptions,
  NormalizedChunk,
  NormalizeOptions,
  Progress,
  RangeOptions,
  StreamOptions,
} from "./options";
export type { ChunkSource } from "./source";
export { type MomentsStateOfOptions, momentsStateOf } from "./tensor_state";
