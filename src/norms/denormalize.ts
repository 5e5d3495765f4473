// The way back leads from the result of a norm to its x, with the statistics of the norm.

import type { FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, EPS, type OptionTable } from "../base/options";
import { checkAxes, sameShape } from "../base/shape";
import { withNames } from "../plan/renamed";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import { dxIdentity, parameterSumsInverse, storedNothing } from "../wgsl/files";
import { DENORMALIZED } from "../wgsl/statistics";
import { arrayOf } from "./shared/checks";
import { givenBy } from "./shared/given";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import type { TensorArgument } from "./shared/options";
import { broadcastTo } from "./shared/parameters";
import { type PlacedParameter, placeParameter } from "./shared/placement";

interface WayBack {
  /** The mean has the shape of the kept axes, with or without the reduced axes of length 1. */
  mean: TensorArgument;
  /** These axes were reduced; x may have another length along them than the data of the statistics. */
  axes: readonly number[];
  /** The weight of the norm, of any shape that broadcasts to x's. */
  weight?: TensorArgument | undefined;
  /** The bias of the norm, of any shape that broadcasts to x's. */
  bias?: TensorArgument | undefined;
  /** eps is added to the variance, and its square to the weight. Default 1e-5. */
  eps?: number | undefined;
  /**
   * The dtype is the storage type of the result. Default: as x. "u8" is for images: the nearest
   * byte, ties to even, within 0 .. 255, and 0 for NaN.
   */
  dtype?: FloatDType | "u8" | undefined;
  /** This tensor receives the result; it may be x itself (in place). */
  out?: Tensor | true | undefined;
}

/** One of `rstd` and `variance` is given, of the mean's shape. */
type Spread =
  | { rstd: TensorArgument; variance?: undefined }
  | { variance: TensorArgument; rstd?: undefined };

export type DenormalizeOptions = WayBack & Spread;

const OPTIONS: OptionTable<DenormalizeOptions> = {
  mean: ANY,
  rstd: ANY,
  variance: ANY,
  axes: ANY,
  weight: ANY,
  bias: ANY,
  eps: EPS,
  dtype: ANY,
  out: ANY,
};

/** Places a statistic along the kept axes. */
function placeStatistic(
  op: string,
  name: string,
  given: unknown,
  { shape }: ArraySpec,
  reduced: readonly boolean[],
): PlacedParameter {
  const kept = shape.flatMap((_, i) => (reduced[i] ? [] : [i]));
  const expected = shape.filter((_, i) => !reduced[i]);
  if (given === undefined || given === null) {
    fail(op, `${name} is missing, expected a tensor of shape ${show(expected)}`);
  }
  const spec = arrayOf(op, name, given, expected);
  if (sameShape(spec.shape, expected)) return placeParameter(spec, kept, shape.length);
  const keepdim = shape.map((size, i) => (reduced[i] ? 1 : size));
  if (!sameShape(spec.shape, keepdim)) {
    fail(op, `${name} has shape ${show(spec.shape)}, expected ${show(expected)}`);
  }
  return placeParameter(
    spec,
    keepdim.map((_, i) => i),
    shape.length,
  );
}

function denormalizeState(op: string, x: ArraySpec, o: DenormalizeOptions): NormStatement {
  if (o.axes === undefined) fail(op, "axes are missing, expected an array of integers");
  const reduced = checkAxes(op, o.axes, x.shape.length);
  if ((o.rstd === undefined) === (o.variance === undefined)) {
    const given = o.rstd === undefined ? "neither" : "both";
    fail(op, `${given} of rstd and variance, expected one of them`);
  }
  const spread = o.rstd === undefined ? "variance" : "rstd";
  const { eps = 1e-5 } = o;
  const names = { scale: spread, shift: "mean" };
  return {
    op,
    x,
    kind: DENORMALIZED,
    reduced: x.shape.map(() => true),
    parameters: {
      weight: broadcastTo(op, "weight", o.weight, x),
      bias: broadcastTo(op, "bias", o.bias, x),
      scale: placeStatistic(op, spread, o[spread], x, reduced),
      shift: placeStatistic(op, "mean", o.mean, x, reduced),
    },
    names,
    plan: (planner) => withNames(planner, names),
    eps,
    uniforms: { weightOffset: eps * eps, squareRoot: Number(spread === "variance") },
    statistics: ["mean", "rstd"],
    given: givenBy(storedNothing),
  };
}

/**
 * Computes (x - bias) / (weight + eps^2) / rstd + mean, the way back from the result of a norm:
 * with `variance` 1 / rstd is sqrt(variance + eps). An rstd of 0 gives the mean.
 *
 * x: the normalized data, or a forecast of another length along the reduced `axes`. Throws NormError
 * unless one of `rstd` and `variance` is given, for statistics of another shape, and for parameters
 * that do not broadcast.
 * Source: Kim et al. 2022, "Reversible Instance Normalization" (RevIN).
 */
export const denormalize = /* @__PURE__ */ norm<DenormalizeOptions, unknown>(
  "denormalize",
  denormalizeState,
  OPTIONS,
);

/**
 * Computes the gradients of `denormalize`: dx = dy / (weight + eps^2) / rstd, dBias = -sum(dx),
 * dWeight = -sum(dx (x - bias) / (weight + eps^2)). The statistics are constants. Throws NormError
 * as `denormalize` does.
 */
export const denormalizeBackward = /* @__PURE__ */ normBackward<DenormalizeOptions>(
  "denormalizeBackward",
  denormalizeState,
  () => ({ dx: dxIdentity, weightSums: parameterSumsInverse }),
  OPTIONS,
);
