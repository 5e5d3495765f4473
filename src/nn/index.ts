// This file is the table of contents of webgpu-norm/nn.

export { BatchNorm, type BatchNormModuleOptions } from "./batch_norm";
export type { ChannelModuleOptions, TrackedModuleOptions } from "./channel_module";
export type { MomentsSource } from "./estimate";
export { GroupNorm } from "./group_norm";
export { InstanceNorm, type InstanceNormModuleOptions } from "./instance_norm";
export { LayerNorm } from "./layer_norm";
export type {
  ForwardOptions,
  GradientOptions,
  InputGradients,
  ModuleOptions,
  NormModule,
} from "./norm_module";
export type { Parameter } from "./parameter";
export { RMSNorm, type RmsNormModuleOptions } from "./rms_norm";
export type {
  LoadOptions,
  LoadResult,
  StateDict,
  StateEntry,
  StateOptions,
} from "./state_dict";
export type { StateValue } from "./state_values";
export { SyncBatchNorm, type SyncBatchNormModuleOptions } from "./sync_batch_norm";
export type { TrailingModuleOptions } from "./trailing_module";
