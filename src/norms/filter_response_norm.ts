// FilterResponseNorm divides by the root mean square of an example's channel. It subtracts no mean,
// and a learned threshold follows.

import { ANY, NUMBER, type OptionTable } from "../base/options";
import type { ArraySpec } from "../runtime/tensor";
import { dxMeanSquare } from "../wgsl/files";
import { MEAN_SQUARE } from "../wgsl/statistics";
import {
  CHANNEL_OPTIONS,
  type ChannelOptions,
  channelParameter,
  channelParameters,
  checkChannelsApart,
} from "./shared/channels";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import { NORM_OPTIONS, type NormOptions, type Rstd, type TensorArgument } from "./shared/options";

export interface FilterResponseNormOptions extends NormOptions, ChannelOptions {
  /**
   * The threshold belongs to the linear unit that follows, with one value per channel: [C]. Without
   * it there is no such unit.
   */
  threshold?: TensorArgument | undefined;
  /** The absolute value of eps is added to the mean square. Default 1e-6. */
  eps?: number | undefined;
}

const OPTIONS: OptionTable<FilterResponseNormOptions> = {
  ...NORM_OPTIONS,
  ...CHANNEL_OPTIONS,
  threshold: ANY,
  eps: NUMBER,
};

function filterResponseNormState(
  op: string,
  x: ArraySpec,
  o: FilterResponseNormOptions,
): NormStatement {
  const { axis } = checkChannelsApart(op, x, o.channelAxis);
  return {
    op,
    x,
    kind: MEAN_SQUARE,
    reduced: x.shape.map((_, i) => i !== 0 && i !== axis),
    parameters: {
      ...channelParameters(op, x, axis, o),
      threshold: channelParameter(op, "threshold", o.threshold, x, axis),
    },
    channelAxis: axis,
    eps: Math.abs(o.eps ?? 1e-6),
    statistics: ["rstd"],
  };
}

/**
 * Computes y = max(weight x / sqrt(nu2 + |eps|) + bias, threshold), nu2 the mean of x^2 for each
 * example and channel over all other axes.
 *
 * x: [N, C, ...], or channels on any other axis but the first; weight, bias and threshold: [C].
 * Throws NormError for parameters of another length and an eps that is not a finite number.
 * Source: Singh & Krishnan 2019, "Filter Response Normalization Layer".
 */
export const filterResponseNorm = /* @__PURE__ */ norm<FilterResponseNormOptions, Rstd>(
  "filterResponseNorm",
  filterResponseNormState,
  OPTIONS,
);

/**
 * Computes the gradients of `filterResponseNorm`. At the threshold itself the gradient goes to the
 * norm. Throws NormError as `filterResponseNorm` does.
 */
export const filterResponseNormBackward = /* @__PURE__ */ normBackward(
  "filterResponseNormBackward",
  filterResponseNormState,
  () => ({ dx: dxMeanSquare }),
  OPTIONS,
);
