// These are the rows for the operations that subtract no mean, and for MeanVarianceNormalization;
// see operations.ts. Their tolerance is relative to each result, since they contain no difference
// of large numbers.

import * as library from "../../src/index";
import { FORWARD } from "../reference/family";
import type { Operation } from "./problem";
import { broadcastable, EPS, ofAxes, someAxes } from "./random_options";
import { ofLogSoftmax, ofSoftmax } from "./tolerance_special";
import { relative, SCALE, UNIT } from "./units";

const over = { kind: "norm", statistics: [] as string[], ...ofAxes } as const;

export const rmsNorm: Operation = {
  name: "rmsNorm",
  library: library.rmsNorm,
  reference: FORWARD.rmsNorm,
  ...over,
  options: (random, shape) => ({
    ...(random.chance(0.4)
      ? { normalizedShape: shape.slice(random.below(shape.length)) }
      : { axes: someAxes(random, shape) }),
    eps: random.pick(EPS),
    weightOffset: random.pick([0, 0, 1]),
  }),
  statistics: ["rstd"],
  parameters: (random, shape, { normalizedShape }) => ({
    weight: normalizedShape ?? broadcastable(random, shape),
    bias: normalizedShape ?? broadcastable(random, shape),
  }),
  grouping: (shape, { axes, normalizedShape = [] }) => {
    const first = shape.length - normalizedShape.length;
    const trailing = normalizedShape.map((_, k) => first + k);
    return ofAxes.grouping(shape, { axes: axes ?? trailing });
  },
  tolerance: relative,
  even: true,
};

export const lpNormalize: Operation = {
  name: "lpNormalize",
  // its backward refuses these: a masked element may be as large as the norm
  valid: (_, { p, fill }) => !(p === Infinity && fill === "apply"),
  library: library.lpNormalize,
  reference: FORWARD.lpNormalize,
  ...over,
  options: (random, shape) => ({
    axes: someAxes(random, shape),
    p: random.pick([1, 2, 2, Infinity, 3]),
    eps: random.pick([1e-12, 1e-3]),
  }),
  scale: (_, { eps = 1e-12 }) => 1 / eps,
  // a power's logarithm is rounded too: 2^x has p * log2(|x|) times its error
  tolerance: (y, { p = 2 }) => (p === 3 ? 64 : SCALE) * UNIT * Math.abs(y),
  even: true,
};

export const meanVarianceNorm: Operation = {
  name: "meanVarianceNorm",
  library: library.meanVarianceNorm,
  reference: FORWARD.meanVarianceNorm,
  ...over,
  options: (random, shape) => ({
    axes: someAxes(random, shape),
    eps: random.pick([1e-9, 1e-3]),
  }),
  scale: (variance, { eps = 1e-9 }) => 1 / (Math.sqrt(variance) + eps),
};

/** exp is good to 3 + 2 |x| units in WGSL, and what it is taken of is the logarithm of y. */
const ofExponential = (y: number) =>
  UNIT * y * (SCALE + 4 * Math.abs(Math.log(Math.max(y, 1e-45))));

export const softmax: Operation = {
  name: "softmax",
  library: library.softmax,
  reference: FORWARD.softmax,
  ...over,
  common: false,
  options: (random, shape) => ({ axes: someAxes(random, shape) }),
  tolerance: ofExponential,
  gradientTolerance: ofSoftmax,
};

export const logSoftmax: Operation = {
  name: "logSoftmax",
  library: library.logSoftmax,
  reference: FORWARD.logSoftmax,
  ...over,
  common: false,
  options: (random, shape) => ({ axes: someAxes(random, shape) }),
  tolerance: (y) => UNIT * (SCALE + SCALE * Math.abs(y)), // log is good to 2^-21 near 1
  gradientTolerance: ofLogSoftmax,
};
