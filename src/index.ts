// webgpu-norm: the table of contents.

export type { BufferOptions, Context } from "./context";
export { type ContextOptions, createContext } from "./create";
export { NormError } from "./errors";
export type { ExplainedPass, Explanation } from "./explain";
export { type BatchNormOptions, batchNorm } from "./norms/batch_norm";
export type { Norm, OutputOptions, Parameter, WithStats } from "./norms/build";
export { type GroupNormOptions, groupNorm } from "./norms/group_norm";
export { type InstanceNormOptions, instanceNorm } from "./norms/instance_norm";
export { type LayerNormOptions, layerNorm } from "./norms/layer_norm";
export { type LpNormalizeOptions, lpNormalize } from "./norms/lp_normalize";
export { type MeanVarianceNormOptions, meanVarianceNorm } from "./norms/mean_variance_norm";
export {
  type MeanOptions,
  type Moments,
  type MomentsOptions,
  mean,
  moments,
  std,
  type VarianceOptions,
  variance,
} from "./norms/moments";
export { type RmsNormOptions, rmsNorm } from "./norms/rms_norm";
export { logSoftmax, type SoftmaxOptions, softmax } from "./norms/softmax";
export { type StandardizeOptions, standardize } from "./norms/standardize";
export type { Operation } from "./operation";
export type { Profile } from "./profile";
export type { DType, Tensor } from "./tensor";
