// This file is the table of contents of webgpu-norm.

// These imports set the order in a bundle: shaders beside shaders and code beside code, since gzip
// looks no further back than 32 KB.
import "./wgsl/files";
import "./plan/forward";

export type { DType, ElementDType, FloatDType, IntegerDType } from "./base/dtype";
export { NormError } from "./base/errors";
export type { HostData } from "./base/host_data";
export { type ContextOptions, createContext } from "./context/create_context";
export { explain, prepare, warmup } from "./context/planning";
export { exportTuning, importTuning, tune } from "./context/tuning";
export {
  type BatchNormOptions,
  batchNorm,
  batchNormBackward,
} from "./norms/batch_norm";
export {
  type BatchRenormOptions,
  batchRenorm,
  batchRenormBackward,
  type RenormStatistics,
} from "./norms/batch_renorm";
export { type DenormalizeOptions, denormalize, denormalizeBackward } from "./norms/denormalize";
export { drawOnCanvas, toImageData } from "./norms/draw";
export {
  type DynamicErfOptions,
  type DynamicTanhOptions,
  dynamicErf,
  dynamicErfBackward,
  dynamicTanh,
  dynamicTanhBackward,
} from "./norms/dynamic_tanh";
export {
  type FilterResponseNormOptions,
  filterResponseNorm,
  filterResponseNormBackward,
} from "./norms/filter_response_norm";
export { type FoldBatchNormOptions, foldBatchNorm } from "./norms/fold_batch_norm";
export { type GateOptions, gateOf, type SkipOptions, skipOf } from "./norms/gate";
export { type ClipGradNormOptions, clipGradNorm, globalNorm } from "./norms/global_norm";
export {
  type GlobalResponseNormOptions,
  globalResponseNorm,
  globalResponseNormBackward,
} from "./norms/global_response_norm";
export { type GroupNormOptions, groupNorm, groupNormBackward } from "./norms/group_norm";
export {
  type InstanceNormOptions,
  instanceNorm,
  instanceNormBackward,
} from "./norms/instance_norm";
export { type LayerNormOptions, layerNorm, layerNormBackward } from "./norms/layer_norm";
export {
  type LocalResponseNormOptions,
  localResponseNorm,
  localResponseNormBackward,
} from "./norms/local_response_norm";
export { type LpNormalizeOptions, lpNormalize, lpNormalizeBackward } from "./norms/lp_normalize";
export { type Fill, type LengthsOptions, lengthsOf, type MaskOptions, maskOf } from "./norms/mask";
export {
  type MeanVarianceNormOptions,
  meanVarianceNorm,
  meanVarianceNormBackward,
} from "./norms/mean_variance_norm";
export {
  type AnyMoments,
  type ApplyMomentsOptions,
  applyMoments,
  applyMomentsBackward,
  mergeMoments,
} from "./norms/merge_moments";
export {
  type MeanOptions,
  type Moments,
  type MomentsOptions,
  mean,
  moments,
  std,
  type VarianceOptions,
  variance,
  type WeightedMoments,
} from "./norms/moments";
export {
  type InputGradient,
  type MeanBackwardOptions,
  type MomentsBackwardOptions,
  meanBackward,
  momentsBackward,
  stdBackward,
  type VarianceBackwardOptions,
  varianceBackward,
} from "./norms/moments_backward";
export { type NormalizeImageOptions, normalizeImage } from "./norms/normalize_image";
export { type RmsNormOptions, rmsNorm, rmsNormBackward } from "./norms/rms_norm";
export type { ExchangeOptions, Group } from "./norms/shared/group";
export type { ImageSource } from "./norms/shared/image_source";
export type { Norm } from "./norms/shared/norm";
export type { NormBackward } from "./norms/shared/norm_backward";
export type {
  ActivationOption,
  Backward,
  BackwardOptions,
  Gate,
  GatedSkip,
  GradientName,
  Gradients,
  Mask,
  MeanAndRstd,
  NormOptions,
  NormResult,
  Rstd,
  Skip,
  TensorArgument,
  TensorSpec,
} from "./norms/shared/options";
export {
  logSoftmax,
  logSoftmaxBackward,
  type SoftmaxOptions,
  softmax,
  softmaxBackward,
} from "./norms/softmax";
export { type StandardizeOptions, standardize, standardizeBackward } from "./norms/standardize";
export {
  type AllReduce,
  type SyncBatchNormOptions,
  type SyncBatchNormResult,
  syncBatchNorm,
} from "./norms/sync_batch_norm";
export {
  type GradientSums,
  type SyncBatchNormBackwardOptions,
  type SyncBatchNormGradients,
  syncBatchNormBackward,
} from "./norms/sync_batch_norm_backward";
export {
  type WeightNormOptions,
  type WeightStandardizeOptions,
  weightNorm,
  weightNormBackward,
  weightStandardize,
  weightStandardizeBackward,
} from "./norms/weight_norm";
export type { InputSpec, OperationList, PlannableOperation } from "./operation/abstract";
export type { ExplainedCandidate, ExplainedPass, Explanation } from "./operation/explain";
export type { Operation } from "./operation/operation";
export type { PreparedOperation, Recorder } from "./operation/prepared";
export type { TuneOptions, TuneResult, Tuning } from "./operation/tune";
export type { DeviceProfile } from "./plan/device_profile";
export type { TunedPlan } from "./plan/overrides";
export type { BufferOptions, Context, TensorOptions } from "./runtime/context";
export type { Tensor } from "./runtime/tensor";
export type { ActivationName } from "./wgsl/activations";
