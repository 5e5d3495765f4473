// This file is the table of contents of webgpu-norm/moments, which needs no GPU.

export type { MomentsRecord } from "./content";
export type { StateDType } from "./format";
export {
  MomentsState,
  type MomentsStateJSON,
  type MomentsStateOptions,
  type StateMoments,
  type StateMomentsOptions,
} from "./moments_state";
export type { StateRange } from "./ranges";
