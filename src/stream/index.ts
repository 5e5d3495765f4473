// webgpu-norm/stream: data larger than the GPU. The table of contents.

export type { Chunk } from "./chunking";
export { MomentsAccumulator } from "./moments_accumulator";
export type {
  AccumulatorOptions,
  NormalizedChunk,
  NormalizeOptions,
  Progress,
  StreamOptions,
} from "./options";
export type { ChunkSource } from "./source";
