// This file is the table of contents of webgpu-norm/stream, which handles data larger than the GPU.

export type { Chunk, MaskedChunk } from "./chunking";
export { MomentsAccumulator } from "./moments_accumulator";
export type {
  AccumulatorOptions,
  AddOptions,
  NormalizedChunk,
  NormalizeOptions,
  Progress,
  RangeOptions,
  StreamOptions,
} from "./options";
export { countRanges, type Ranges } from "./ranges";
export type { ChunkSource } from "./source";
export { type MomentsStateOfOptions, momentsStateOf } from "./tensor_state";
