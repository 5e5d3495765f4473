// This file maps the ONNX and WebNN cases to the library's operations: names, defaults and
// conventions, with no arithmetic but ONNX's running variance. A case's tensors keep the names of
// its suite.

import { type DType, DTYPES as STORAGE } from "../../src/base/dtype";
import {
  batchNorm,
  type Context,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  logSoftmax,
  lpNormalize,
  mean,
  meanVarianceNorm,
  rmsNorm,
  softmax,
  standardize,
  type Tensor,
} from "../../src/index";
import { otherAxes, product, rowMajorStrides } from "./arrays";

type Result = Tensor | Promise<Float32Array>;
type Inputs = Record<string, Tensor>;
type Adapter = (
  inputs: Inputs,
  attributes: Attributes,
  ctx: Context,
  opset?: number,
) => Record<string, Result>;

interface Attributes {
  epsilon: number;
  momentum: number;
  training_mode: number;
  axis: number;
  axes: number[];
  keepdims: number;
  noop_with_empty_axes: number;
  keepDimensions: boolean;
  num_groups: number;
  layout: "nchw" | "nhwc";
  p: number;
  alpha: number;
  beta: number;
  bias: number;
  size: number;
}

/** Each output of the case, as the library computes it. */
export async function compute(
  ctx: Context,
  { op, opset, attrs_full, inputs }: ConformanceCase,
): Promise<Record<string, Float32Array>> {
  const floats = Object.entries(inputs).filter(([, { dtype }]) => dtype in DTYPES);
  const tensors = floats.map(([name, { shape, data, dtype }]) => {
    const values = Float32Array.from(data, Number);
    return [name, ctx.tensor(values, shape, { dtype: DTYPES[dtype] })] as const;
  });
  const attributes = attrs_full as unknown as Attributes;
  const results = ADAPTERS[op](Object.fromEntries(tensors), attributes, ctx, opset);
  const read = Object.entries(results).map(async ([name, result]) => {
    return [name, await ("read" in result ? result.read() : result)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const DTYPES: Record<string, DType> = { float32: "f32", float16: "f16" };

export const hasAdapter = (op: string) => op in ADAPTERS;

const ADAPTERS: Record<string, Adapter> = {
  BatchNormalization({ X, scale, B, input_mean, input_var }, attributes): Record<string, Result> {
    const { epsilon, momentum, training_mode } = attributes;
    const parameters = { weight: scale, bias: B, runningMean: input_mean, runningVar: input_var };
    if (!training_mode) return { Y: batchNorm(X, { ...parameters, eps: epsilon }) };
    const old = input_var.read();
    const Y = batchNorm(X, { ...parameters, training: true, momentum: 1 - momentum, eps: epsilon });
    const count = X.size / X.shape[1];
    const running_var = populationRunning(old, input_var.read(), momentum, count);
    return { Y, running_mean: input_mean, running_var };
  },

  InstanceNormalization: ({ input, scale, B }, { epsilon }) => ({
    output: instanceNorm(input, { weight: scale, bias: B, eps: epsilon }),
  }),

  LayerNormalization({ X, Scale, B }, { axis, epsilon }) {
    const options = { normalizedShape: X.shape.slice(axis), weight: Scale, bias: B, eps: epsilon };
    const { y, mean, rstd } = layerNorm(X, { ...options, stats: true });
    return { Y: y, Mean: mean, InvStdDev: rstd };
  },

  // since opset 21 scale and bias are per channel
  GroupNormalization: ({ X, scale, bias }, { num_groups, epsilon }) => ({
    Y: groupNorm(X, { groups: num_groups, weight: scale, bias, eps: epsilon }),
  }),

  RMSNormalization: ({ X, scale }, { axis, epsilon }) => ({
    Y: rmsNorm(X, { normalizedShape: X.shape.slice(axis), weight: scale, eps: epsilon }),
  }),

  MeanVarianceNormalization: ({ X }, { axes }) => ({ Y: meanVarianceNorm(X, { axes }) }),

  LRN: ({ X }, { alpha, beta, bias, size }) => ({
    Y: localResponseNorm(X, { size, alpha, beta, k: bias, convention: "onnx" }),
  }),

  // a zero norm gives zeros
  LpNormalization: ({ input }, { axis, p }) => ({
    output: lpNormalize(input, { axes: [axis], p, eps: SMALLEST }),
  }),

  Softmax: ({ input }, attributes, _, opset) => ({
    output: flattened(softmax, input, attributes, opset),
  }),

  LogSoftmax: ({ input }, attributes, _, opset) => ({
    output: flattened(logSoftmax, input, attributes, opset),
  }),

  softmax: ({ input }, { axis }) => ({ output: softmax(input, { axes: [axis] }) }),

  ReduceMean({ data }, { axes, keepdims, noop_with_empty_axes }) {
    if (axes.length === 0 && noop_with_empty_axes) return { reduced: data };
    const over = axes.length === 0 ? {} : { axes };
    return { reduced: mean(data, { ...over, keepdim: keepdims === 1 }) };
  },

  GlobalAveragePool: ({ X }) => ({
    Y: mean(X, { axes: otherAxes(X.shape, [0, 1]), keepdim: true }),
  }),

  batchNormalization({ input, mean, variance, scale, bias }, { axis, epsilon }) {
    const running = { runningMean: mean, runningVar: variance };
    const options = { ...running, weight: scale, bias, eps: epsilon };
    // a lone axis is that of the channels; the library wants one of examples before it
    const x = input.shape.length === 1 ? input.reshape([1, input.size]) : input;
    return { output: batchNorm(x, { ...options, channelAxis: axis - input.shape.length }) };
  },

  instanceNormalization({ input, scale, bias }, { layout, epsilon }) {
    const channelAxis = layout === "nhwc" ? -1 : 1;
    return { output: instanceNorm(input, { weight: scale, bias, channelAxis, eps: epsilon }) };
  },

  layerNormalization({ input, scale, bias }, { axes, epsilon }, ctx) {
    const x = axes.length === 0 ? withUnitAxis(input) : input;
    const own = axes.length === 0 ? [-1] : axes;
    const weight = scale && alongAxes(ctx, scale, axes, x.shape.length);
    const shift = bias && alongAxes(ctx, bias, axes, x.shape.length);
    return { output: standardize(x, { axes: own, weight, bias: shift, eps: epsilon }) };
  },

  reduceMean({ input }, { axes, keepDimensions }) {
    if (axes.length === 0) return { output: mean(withUnitAxis(input), { axes: [-1] }) };
    return { output: mean(input, { axes, keepdim: keepDimensions }) };
  },
};

const SMALLEST = 2 ** -126;

/** Before opset 13 the axes from `axis` on are one. */
function flattened(op: typeof softmax, x: Tensor, { axis }: Attributes, opset = 13): Tensor {
  const from = axis < 0 ? axis + x.shape.length : axis;
  const axes = opset < 13 ? x.shape.map((_, i) => i).slice(from) : [axis];
  return op(x, { axes });
}

/** With no axes every element is a group of its own: the same as along an axis of length 1. */
const withUnitAxis = (x: Tensor) => x.reshape([...x.shape, 1]);

/** Axis i of WebNN's scale or bias lies along axis axes[i] of the input. */
function alongAxes(ctx: Context, v: Tensor, axes: readonly number[], rank: number): Tensor {
  const shape = new Array<number>(rank).fill(1);
  const strides = new Array<number>(rank).fill(0);
  const own = rowMajorStrides(v.shape);
  axes.forEach((axis, i) => {
    shape[axis] = v.shape[i];
    strides[axis] = own[i];
  });
  return ctx.fromBuffer(v.buffer, { shape, strides, dtype: v.dtype });
}

/** The library's running variance takes the unbiased one, ONNX's the population's. */
async function populationRunning(
  before: Promise<Float32Array>,
  after: Promise<Float32Array>,
  momentum: number,
  count: number,
): Promise<Float32Array> {
  const [old, updated] = await Promise.all([before, after]);
  return updated.map((value, c) => {
    const share = value - momentum * old[c];
    return momentum * old[c] + (share * (count - 1)) / count;
  });
}

/** The first element outside of the case's own tolerance, as text; results are rounded to the case's type. */
export function outside(
  given: Float32Array,
  { shape, data, dtype }: ConformanceTensor,
  tolerance: ConformanceCase["tolerance"],
): string | null {
  if (given.length !== product(shape)) return `has ${given.length} elements, expected [${shape}]`;
  const half = DTYPES[dtype] === "f16";
  const rounded = half ? STORAGE.f16.decode(STORAGE.f16.encode(given)) : given;
  for (let i = 0; i < given.length; i++) {
    const expected = half
      ? STORAGE.f16.decode(STORAGE.f16.encode([Number(data[i])]))[0]
      : Math.fround(Number(data[i]));
    if (Object.is(rounded[i], expected) || rounded[i] === expected) continue;
    if (within(rounded[i], expected, tolerance, half)) continue;
    return `[${i}] is ${rounded[i]}, expected ${expected} within ${JSON.stringify(tolerance)}`;
  }
  return null;
}

function within(
  given: number,
  expected: number,
  tolerance: ConformanceCase["tolerance"],
  half: boolean,
): boolean {
  const { metric, value = 0, rtol = 0, atol = 0 } = tolerance ?? { metric: "none" };
  const error = Math.abs(given - expected);
  if (metric === "ulp") return Math.abs(position(given, half) - position(expected, half)) <= value;
  if (metric === "atol") return error <= value;
  if (metric === "rtol_atol") return error <= atol + rtol * Math.abs(expected);
  throw new Error(`unknown tolerance ${metric}`);
}

/** The place of a value among all of its type in order: neighbours differ by 1. */
function position(value: number, half: boolean): number {
  if (half) {
    const [bits] = STORAGE.f16.encode([value]);
    return bits & 0x8000 ? -(bits & 0x7fff) : bits;
  }
  const [bits] = new Int32Array(Float32Array.of(value).buffer);
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}
