// This file asks the library. It is loaded when the first picture is there, since the library is
// most of the page's script.

import type { Context, Tensor } from "../../src/index";
import { callOf, momentsOf } from "../norms/calls";
import type { NormId } from "../norms/presets";
import type { Question } from "../norms/reference";
import type { StatisticId } from "../norms/statistics";

export interface Computed {
  readonly y: Float32Array;
  /** The two numbers of each set, where they follow from moments. */
  readonly shared?: { readonly a: Float64Array; readonly b: Float64Array };
  readonly milliseconds: number;
}

/** These statistics follow from mean and variance. */
const FROM_MOMENTS: Partial<
  Record<StatisticId, (mean: number, variance: number, eps: number) => [number, number]>
> = {
  moments: (mean, variance, eps) => [mean, Math.sqrt(variance + eps)],
  deviation: (mean, variance, eps) => [mean, Math.sqrt(variance) + eps],
  meanSquare: (mean, variance, eps) => [0, Math.sqrt(variance + mean ** 2 + eps)],
};

export async function compute(ctx: Context, id: NormId, question: Question): Promise<Computed> {
  const { x, shape, partition, eps } = question;
  const made: Tensor[] = [];
  const keep = <T extends Tensor>(tensor: T): T => {
    made.push(tensor);
    return tensor;
  };
  const make = (values: ArrayLike<number>, of: readonly number[]) =>
    keep(ctx.tensor(Float32Array.from(values), of));
  try {
    const call = await callOf(id, question.preset);
    const start = performance.now();
    const input = keep(ctx.tensor(x, shape));
    const options = { ...partition, eps };
    const result = keep(await call(input, options, make, ctx));
    const [y, shared] = await Promise.all([result.read(), readShared(input, question, keep)]);
    const milliseconds = performance.now() - start;
    return { y, milliseconds, ...(shared && { shared }) };
  } finally {
    for (const tensor of made) tensor.destroy();
  }
}

async function readShared(input: Tensor, { preset, partition, eps }: Question, keep: Keep) {
  const share = FROM_MOMENTS[preset.statistic];
  if (!share || partition.axes.length === 0) return undefined;
  const { mean, variance, meanPair } = momentsOf(input, partition);
  for (const tensor of [mean, variance, meanPair]) if (tensor) keep(tensor);
  const [means, variances] = await Promise.all([mean.read(), variance.read()]);
  const pairs = Array.from(means, (value, i) => share(value, variances[i] as number, eps));
  return {
    a: Float64Array.from(pairs, ([a]) => a),
    b: Float64Array.from(pairs, ([, b]) => b),
  };
}

type Keep = (tensor: Tensor) => Tensor;
