// A BatchNorm in evaluation is an affine map of each channel, which the convolution before it takes
// into its weight and bias.

import { checkFloat, resultType } from "../base/dtype";
import { entryAt } from "../base/entry";
import { ANY, checkOptions, EPS, type OptionTable } from "../base/options";
import { checkAxis } from "../base/shape";
import { composed } from "../operation/composed";
import { contextOf } from "../operation/operation";
import { checkLive, type Tensor } from "../runtime/tensor";
import { type ApplyMomentsOptions, applyMomentsState, checkMoments } from "./merge_moments";
import { checkParameter } from "./shared/checks";
import { norm } from "./shared/norm";

const OP = "foldBatchNorm";

export interface FoldBatchNormOptions {
  /** The weight is the convolution's, of any rank. */
  weight: Tensor;
  /** The bias is the convolution's: [C]. Default 0. */
  bias?: Tensor | undefined;
  /** The mean is the norm's running mean: [C]. */
  mean: Tensor;
  /** The variance is the norm's running variance: [C]. */
  variance: Tensor;
  /** gamma is the norm's weight: [C]. Default 1. */
  gamma?: Tensor | undefined;
  /** beta is the norm's bias: [C]. Default 0. */
  beta?: Tensor | undefined;
  /** eps is the norm's. Default 1e-5. */
  eps?: number | undefined;
  /**
   * The output channels lie along this axis of the weight, negative from the end. Default 0; of a
   * transposed convolution 1.
   */
  channelAxis?: number | undefined;
}

const OPTIONS: OptionTable<FoldBatchNormOptions> = {
  weight: ANY,
  bias: ANY,
  mean: ANY,
  variance: ANY,
  gamma: ANY,
  beta: ANY,
  eps: EPS,
  channelAxis: ANY,
};

const applied = /* @__PURE__ */ norm<ApplyMomentsOptions, unknown>(OP, applyMomentsState);

/**
 * Folds a BatchNorm in evaluation into the convolution or linear layer before it: weight' = weight f
 * and bias' = (bias - mean) f + beta with f = gamma / sqrt(variance + eps). Returns both as new
 * tensors, in the types of weight and bias; a bias where there was none in the weight's.
 *
 * weight: the output channels on axis 0, as PyTorch has them; all others: [C]. Throws NormError for
 * arrays of another length, a missing weight, mean or variance, and a negative eps.
 * Source: Jacob et al. 2018; PyTorch `fuse_conv_bn_weights`.
 */
export function foldBatchNorm(o: FoldBatchNormOptions): { weight: Tensor; bias: Tensor } {
  const {
    weight,
    bias,
    gamma,
    beta,
    eps,
    channelAxis = 0,
    ...given
  } = checkOptions(OP, o, OPTIONS);
  const context = contextOf(OP, "weight", checkLive(OP, "weight", weight));
  const { shape } = weight;
  const dtype = checkFloat(OP, weight.dtype, "weight's dtype");
  const axis = checkAxis(OP, "channelAxis", channelAxis, shape.length);
  const channels = entryAt(shape, axis);
  for (const [name, vector] of Object.entries({ bias, gamma, beta })) {
    if (vector) checkParameter(OP, name, checkLive(OP, name, vector), [channels]);
  }
  checkMoments(OP, given, [channels]);
  const axes = shape.flatMap((_, i) => (i === axis ? [] : [i]));
  const along = shape.map((size, i) => (i === axis ? size : 1));
  const { variance } = given;
  return composed(context, ({ run, filled }) => {
    const zeros = filled(0, channels);
    const scaled = { axes, mean: zeros, variance, eps, weight: gamma?.reshape(along) };
    const moved = { ...given, axes: [], eps, weight: gamma, bias: beta };
    return {
      weight: run(applied, weight, { ...scaled, dtype }) as Tensor,
      bias: run(applied, bias ?? zeros, {
        ...moved,
        dtype: bias ? resultType(bias.dtype) : dtype,
      }) as Tensor,
    };
  });
}
