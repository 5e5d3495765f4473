// Bad axes and shapes give errors, one test per message. The rules are in error_cases.ts.

import {
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  mean,
  moments,
  standardize,
  std,
  variance,
} from "../../src/index";
import { type ErrorCase, testErrors } from "../support/error_cases";

const AXES: ErrorCase[] = [
  ["an axis past the last", ({ x }) => mean(x, { axes: [3] }), ["mean: axis 3", "-3 .. 2"]],
  [
    "an axis before the first",
    ({ x }) => variance(x, { axes: [-4] }),
    ["variance: axis -4", "-3 .. 2"],
  ],
  ["an axis that is no integer", ({ x }) => std(x, { axes: [0.5] }), ["std: axis 0.5", "integer"]],
  [
    "an axis twice",
    ({ x }) => moments(x, { axes: [1, -2] }),
    ["moments: axes [1, -2]", "axis 1 twice", "once"],
  ],
  ["axes that are no array", ({ x }) => mean(x, { axes: 1 as never }), ["mean: axes 1", "array"]],
  [
    "missing axes",
    ({ x }) => standardize(x, {} as never),
    ["standardize: axes", "missing", "array"],
  ],
  [
    "a channel axis past the last",
    ({ x }) => batchNorm(x, { channelAxis: 3 }),
    ["batchNorm: channelAxis 3", "-3 .. 2"],
  ],
  [
    "the axis of the examples as that of the channels",
    ({ x }) => instanceNorm(x, { channelAxis: -3 }),
    ["instanceNorm: channelAxis 0", "examples"],
  ],
  [
    "no axis for channels",
    ({ of }) => groupNorm(of(5), { groups: 1 }),
    ["groupNorm: x", "[5]", "two axes"],
  ],
  [
    "a normalized shape that is not x's end",
    ({ x }) => layerNorm(x, { normalizedShape: [6] }),
    ["layerNorm: normalizedShape [6]", "[2, 6, 4]"],
  ],
  [
    "an empty normalized shape",
    ({ x }) => layerNorm(x, { normalizedShape: [] }),
    ["layerNorm: normalizedShape []", "[2, 6, 4]"],
  ],
  [
    "a normalized shape longer than x's",
    ({ x }) => layerNorm(x, { normalizedShape: [1, 2, 6, 4] }),
    ["layerNorm: normalizedShape [1, 2, 6, 4]", "[2, 6, 4]"],
  ],
];

const SHAPES: ErrorCase[] = [
  [
    "more than eight axes",
    ({ ctx }) => ctx.empty([1, 1, 1, 1, 1, 1, 1, 1, 1]),
    ["empty: shape", "rank 9", "at most 8"],
  ],
  [
    "more data than the shape",
    ({ ctx }) => ctx.tensor([1, 2, 3], [2]),
    ["tensor: 3", "[2]", "expected 2"],
  ],
  [
    "less data than the shape",
    ({ ctx }) => ctx.tensor([1], [2, 2]),
    ["tensor: 1", "[2, 2]", "expected 4"],
  ],
  [
    "a fraction as length",
    ({ ctx }) => ctx.tensor([1], [0.5]),
    ["tensor: shape [0.5]", "integers"],
  ],
  ["a negative length", ({ ctx }) => ctx.empty([2, -1]), ["empty: shape [2, -1]", "non-negative"]],
  ["a shape that is no array", ({ ctx }) => ctx.empty(3 as never), ["empty: shape 3", "array"]],
  [
    "data that are no numbers",
    ({ ctx }) => ctx.tensor("ab" as never, [2]),
    ['tensor: data "ab"', "numbers"],
  ],
  [
    "more elements than an index can name",
    ({ ctx }) => ctx.empty([65536, 65536]),
    ["empty: shape [65536, 65536]", "4294967296 elements", "at most 4294967295"],
  ],
  [
    "more bytes than a buffer can have",
    ({ ctx }) => ctx.empty([2 ** 31]),
    ["empty: 8589934592 bytes", "maxBufferSize"],
  ],
  [
    "a view of another size",
    ({ x }) => x.reshape([5, 9]),
    ["reshape: shape [5, 9]", "48 elements", "[2, 6, 4]"],
  ],
  ["two inferred lengths", ({ x }) => x.reshape([-1, -1]), ["reshape: shape [-1, -1]", "integers"]],
  [
    "a view that strides cannot express",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [4, 3], strides: [1, 4] }).reshape([12]),
    ["reshape: shape [4, 3]", "strides [1, 4]", "[12]", "contiguous"],
  ],
  [
    "a mean over nothing",
    ({ of }) => mean(of(3, 0), { axes: [1] }),
    ["mean: shape [3, 0]", "at least one"],
  ],
  [
    "moments over nothing",
    ({ of }) => moments(of(0, 3), { axes: [0] }),
    ["moments: shape [0, 3]", "at least one"],
  ],
  [
    "statistics of empty rows",
    ({ of }) => layerNorm(of(3, 0), { normalizedShape: [0], stats: true }),
    ["layerNorm: shape [3, 0]", "at least one"],
  ],
];

testErrors([...AXES, ...SHAPES]);
