// This file is the table of contents of webgpu-norm/nn.

export { BatchNorm, type BatchNormModuleOptions } from "./batch_norm";
export type { ChannelModuleOptions, TrackedModuleOptions } from "./channel_module";
export {
  DynamicErf,
  type DynamicErfModuleOptions,
  DynamicTanh,
  type DynamicTanhModuleOptions,
} from "./dynamic_tanh";
export type { MomentsSource } from "./estimate";
export { FilterResponseNorm, type FilterResponseNormModuleOptions } from "./filter_response_norm";
export {
  GlobalResponseNorm,
  type GlobalResponseNormModuleOptions,
} from "./global_response_norm";
export { GroupNorm } from "./group_norm";
export { InstanceNorm, type InstanceNormModuleOptions } from "./instance_norm";
export { LayerNorm } from "./layer_norm";
export { LayerNorm2d } from "./layer_norm_2d";
export type { Module } from "./module";
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
export { WeightNorm, type WeightNormModuleOptions } from "./weight_norm";
