// The call that computes what is shown, as a visitor would write it.

import { AXES, type Axis, type Shape4 } from "../base/shape";
import type { Partition } from "./partition";
import { FREE, type NormId, presetOf, type ViewId } from "./presets";
import { RENORM, WINDOW } from "./statistics";

type Write = (shape: Shape4, partition: Partition) => string;

const list = (values: readonly (number | string)[]) => `[${values.join(", ")}]`;
const running = "runningMean, runningVar";
const trailing = ([, ...rest]: Shape4) => `normalizedShape: ${list(rest)}`;

const CODE: Readonly<Record<NormId, Write>> = {
  batch: () => "batchNorm(x, { training: true })",
  ghost: ([n], { split }) => `batchNorm(x, { training: true, virtualBatchSize: ${n / split} })`,
  sync: () => "await syncBatchNorm(x, { allReduce })",
  renorm: () =>
    `batchRenorm(x, { training: true, ${running}, rMax: ${RENORM.rMax}, dMax: ${RENORM.dMax} })`,
  meanVariance: () => "meanVarianceNorm(x)",
  layer: (shape) => `layerNorm(x, { ${trailing(shape)} })`,
  group: (_, { groups }) => `groupNorm(x, { groups: ${groups} })`,
  instance: () => "instanceNorm(x)",
  rms: (shape) => `rmsNorm(x, { ${trailing(shape)} })`,
  filterResponse: () => "filterResponseNorm(x)",
  globalResponse: () => "globalResponseNorm(x)",
  channels: () => "standardize(x, { axes: [1] })",
  pixel: () => "rmsNorm(x, { axes: [1] })",
  lp: () => "lpNormalize(x, { axes: [1] })",
  localResponse: () => {
    const { size, alpha, beta, k } = WINDOW;
    return `localResponseNorm(x, { size: ${size}, alpha: ${alpha}, beta: ${beta}, k: ${k} })`;
  },
  softmax: () => "softmax(x, { axes: [1] })",
  logSoftmax: () => "logSoftmax(x, { axes: [1] })",
  weight: () => "weightNorm(x)",
  weightStandardize: () => "weightStandardize(x)",
  evaluation: () => `batchNorm(x, { ${running} })`,
  given: () => "applyMoments(x, { axes: [0, 2, 3], mean, variance })",
  tanh: (shape) => `dynamicTanh(x, { alpha, ${trailing(shape)} })`,
  [FREE]: (_, { axes }) =>
    `standardize(x, { axes: ${list(axes.map((axis) => AXES.indexOf(axis)))} })`,
};

/** Tokens are [B, T, C], so that an axis has another number. */
const TOKEN_AXES: Readonly<Record<Axis, number>> = { N: 0, C: 0, H: 1, W: 2 };

/** The numbers of the axes that are averaged over, in [B, T, C]. */
export const axesOfTokens = ({ axes }: Partition): number[] =>
  axes.filter((axis) => axis !== "C").map((axis) => TOKEN_AXES[axis]);

export function codeOf(view: ViewId, id: NormId, shape: Shape4, partition: Partition): string {
  if (view === "images" || id === "tanh") return CODE[id](shape, partition);
  return `${presetOf(id, view).operation}(x, { axes: ${list(axesOfTokens(partition))} })`;
}
