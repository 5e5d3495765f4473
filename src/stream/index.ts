// webgpu-norm/stream: data larger than the GPU. The table of contents.

export type { Chunk } from "./chunking";
export { MomentsAccumulator } from "./moments_accumulator";
export type {
  AccumulatorOptions,
  Normalized,
  NormalizeOptions,
  Progress,
  StreamOptions,
} from "./options";
export type { Source } from "./source";
