// Bad options and parameters give errors, one test per message. The rules are in error_cases.ts.

import {
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  lpNormalize,
  mean,
  meanVarianceNorm,
  rmsNorm,
  softmax,
  standardize,
  variance,
} from "../../src/index";
import { type ErrorCase, testErrors } from "../support/error_cases";

const PARAMETERS: ErrorCase[] = [
  ["an array as input", () => mean([1, 2] as never), ["mean: x is [1, 2]", "tensor"]],
  [
    "a weight of another shape",
    ({ x, of }) => layerNorm(x, { normalizedShape: [4], weight: of(6) }),
    ["layerNorm: weight", "[6]", "expected [4]"],
  ],
  [
    "a bias of another length",
    ({ x, of }) => batchNorm(x, { bias: of(4) }),
    ["batchNorm: bias", "[4]", "expected [6]"],
  ],
  [
    "a weight that does not broadcast",
    ({ x, of }) => standardize(x, { axes: [2], weight: of(6) }),
    ["standardize: weight", "[6]", "[2, 6, 4]"],
  ],
  [
    "an array as weight",
    ({ x }) => groupNorm(x, { groups: 2, weight: [1, 2] as never }),
    ["groupNorm: weight is [1, 2]", "tensor"],
  ],
  [
    "a number as bias",
    ({ x }) => standardize(x, { axes: [2], bias: 1 as never }),
    ["standardize: bias is 1", "tensor"],
  ],
  [
    "a running mean of another length",
    ({ x, of }) => instanceNorm(x, { runningMean: of(2), runningVar: of(6) }),
    ["instanceNorm: runningMean", "[2]", "expected [6]"],
  ],
  [
    "channels that groups do not divide",
    ({ of }) => groupNorm(of(2, 30, 4), { groups: 4 }),
    ["groupNorm: channels 30 is not divisible by groups 4"],
  ],
  ["no groups", ({ x }) => groupNorm(x, { groups: 0 }), ["groupNorm: groups 0", "positive"]],
  [
    "missing groups",
    ({ x }) => groupNorm(x, { groups: undefined as never }),
    ["groupNorm: groups undefined", "positive"],
  ],
  ["half groups", ({ x }) => groupNorm(x, { groups: 1.5 }), ["groupNorm: groups 1.5", "integer"]],
  [
    "a negative eps",
    ({ x }) => batchNorm(x, { eps: -1e-5 }),
    ["batchNorm: eps -0.00001", "negative"],
  ],
  ["eps NaN", ({ x }) => groupNorm(x, { groups: 2, eps: NaN }), ["groupNorm: eps NaN", "finite"]],
  [
    "an infinite eps",
    ({ x }) => standardize(x, { axes: [0], eps: Infinity }),
    ["standardize: eps Infinity", "finite"],
  ],
  [
    "a correction of NaN",
    ({ x }) => variance(x, { correction: NaN }),
    ["variance: correction NaN", "finite"],
  ],
  [
    "no axes for layerNorm",
    ({ x }) => layerNorm(x, {} as never),
    ["layerNorm: neither of normalizedShape and axes", "expected one"],
  ],
  [
    "a weight along none of layerNorm's axes",
    ({ x, of }) => layerNorm(x, { axes: [1], weight: of(5) }),
    ["layerNorm: weight", "[5]", "[2, 6, 4]"],
  ],
  [
    "no axes for rmsNorm",
    ({ x }) => rmsNorm(x, {} as never),
    ["rmsNorm: neither of normalizedShape and axes", "expected one"],
  ],
  [
    "two kinds of axes for rmsNorm",
    ({ x }) => rmsNorm(x, { axes: [1], normalizedShape: [4] } as never),
    ["rmsNorm: both of normalizedShape and axes", "expected one"],
  ],
  [
    "a weight offset that is no number",
    ({ x }) => rmsNorm(x, { axes: [1], weightOffset: Number.NaN }),
    ["rmsNorm: weightOffset NaN", "finite number"],
  ],
  ["a norm of exponent 0", ({ x }) => lpNormalize(x, { p: 0 }), ["lpNormalize: p 0", "above 0"]],
  [
    "an axis that softmax's input does not have",
    ({ x }) => softmax(x, { axes: [3] }),
    ["softmax: axis 3", "-3 .. 2"],
  ],
  [
    "fewer axes than MeanVarianceNormalization takes by default",
    ({ x }) => meanVarianceNorm(x, {}),
    ["meanVarianceNorm: x has rank 3", "axes", "[0, 2, 3]"],
  ],
  [
    "a momentum past 1",
    ({ x }) => batchNorm(x, { momentum: 1.5 }),
    ["batchNorm: momentum 1.5", "0 .. 1"],
  ],
  [
    "a cumulative average without the number of batches",
    ({ x }) => batchNorm(x, { training: true, momentum: null }),
    ["batchNorm: numBatchesTracked is missing", "number of batches"],
  ],
  [
    "a negative number of batches",
    ({ x }) => batchNorm(x, { training: true, momentum: null, numBatchesTracked: -1 }),
    ["batchNorm: numBatchesTracked -1", "whole number"],
  ],
  [
    "training with one value a channel",
    ({ of }) => batchNorm(of(1, 3, 1), { training: true }),
    ["batchNorm: shape [1, 3, 1]", "1 values a channel", "more than one in training"],
  ],
  [
    "one value an instance",
    ({ of }) => instanceNorm(of(4, 3, 1), {}),
    ["instanceNorm: shape [4, 3, 1]", "1 values an instance", "more than one"],
  ],
  [
    "one running statistic without the other",
    ({ x, of }) => batchNorm(x, { runningMean: of(6) } as never),
    ["batchNorm: runningMean is given", "runningVar is missing", "both"],
  ],
  [
    "missing running statistics",
    ({ x }) => instanceNorm(x, { useInputStats: false }),
    ["instanceNorm: runningMean and runningVar are missing", "useInputStats"],
  ],
  [
    "running statistics with gaps",
    ({ ctx, x, of, buffer }) => {
      const runningVar = ctx.fromBuffer(buffer(), { shape: [6], strides: [2] });
      return batchNorm(x, { runningMean: of(6), runningVar });
    },
    ["batchNorm: runningVar", "strides [2]", "contiguous"],
  ],
];

testErrors(PARAMETERS);
