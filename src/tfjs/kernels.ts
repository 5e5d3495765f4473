// These kernels stand in for TensorFlow.js's own: FusedBatchNorm, which tf.batchNorm and the layer
// BatchNormalization call, and Mean, which tf.mean and tf.moments call. What they do not take goes to
// the kernel that was there.

import { checkAxes, sizeOf } from "../base/shape";
import { batchNorm } from "../norms/batch_norm";
import { mean } from "../norms/moments";
import type { Exchange } from "./exchange";
import type { TfKernelCall, TfTensor, TfTensorInfo } from "./library";

/** Computes a kernel's result, or returns null for a call that it does not take. */
type Kernel = (exchange: Exchange<TfTensor>, call: TfKernelCall) => TfTensorInfo | null;

const isFloat = (tensor: TfTensorInfo | undefined): tensor is TfTensorInfo =>
  tensor?.dtype === "float32" && sizeOf(tensor.shape) > 0;

const isChannels = (tensor: TfTensorInfo | undefined, channels: number) =>
  isFloat(tensor) && tensor.shape.length === 1 && tensor.shape[0] === channels;

const fusedBatchNorm: Kernel = ({ from, make }, { inputs, attrs }) => {
  const { x, mean: runningMean, variance, scale, offset } = inputs;
  if (!isFloat(x) || x.shape.length < 2) return null;
  const channels = x.shape.at(-1) as number;
  const given = [runningMean, variance, scale ?? runningMean, offset ?? runningMean];
  if (!given.every((tensor) => isChannels(tensor, channels))) return null; // tf.layers broadcasts others
  const tensorOf = (tensor: TfTensorInfo | null | undefined) => (tensor ? from(tensor) : undefined);
  const options = {
    runningMean: tensorOf(runningMean),
    runningVar: tensorOf(variance),
    weight: tensorOf(scale),
    bias: tensorOf(offset),
    eps: attrs?.varianceEpsilon as number,
    channelAxis: -1,
  };
  const input = from(x);
  return make(x.shape, (out) => batchNorm(input, { ...options, out } as never));
};

const meanKernel: Kernel = ({ from, make }, { inputs: { x }, attrs }) => {
  if (!isFloat(x)) return null;
  const { axis, keepDims } = attrs as { axis?: number | number[] | null; keepDims?: boolean };
  const axes = axis === undefined || axis === null ? undefined : [axis].flat();
  if (axes?.length === 0) return null;
  const reduced = checkAxes("mean", axes, x.shape.length);
  const keepdim = keepDims === true;
  const shape = x.shape.flatMap((n, d) => (reduced[d] ? (keepdim ? [1] : []) : [n]));
  const input = from(x);
  return make(shape, (out) => mean(input, { axes, keepdim, out } as never));
};

export const KERNELS: Readonly<Record<string, Kernel>> = {
  FusedBatchNorm: fusedBatchNorm,
  Mean: meanKernel,
};
