// webgpu-norm/stream: data larger than the GPU. The table of contents.

export { MomentsAccumulator } from "./accumulator";
export type { Chunk } from "./blocks";
export type {
  AccumulatorOptions,
  Normalized,
  NormalizeOptions,
  Progress,
  StreamOptions,
} from "./options";
export type { Source } from "./source";
