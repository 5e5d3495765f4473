// The library computes the gradients that the page shows by these calls.

import {
  batchNormBackward,
  type Context,
  instanceNormBackward,
  layerNormBackward,
  rmsNormBackward,
  type Tensor,
} from "../../src/index";
import type { Question } from "./reference";
import { OUTSIDE } from "./statistics";

export const BACKWARD_NORMS = ["batch", "layer", "instance", "rms", "evaluation"] as const;
export type BackwardNorm = (typeof BACKWARD_NORMS)[number];

type Call = (dy: Tensor, x: Tensor, eps: number, ctx: Context) => { readonly dx: Tensor };

const gradients = ["dx"] as const;

const CALLS: Readonly<Record<BackwardNorm, Call>> = {
  batch: (dy, x, eps) => batchNormBackward(dy, { x, training: true, eps, gradients }),
  layer: (dy, x, eps) =>
    layerNormBackward(dy, { x, normalizedShape: x.shape.slice(1), eps, gradients }),
  instance: (dy, x, eps) => instanceNormBackward(dy, { x, eps, gradients }),
  rms: (dy, x, eps) =>
    rmsNormBackward(dy, { x, normalizedShape: x.shape.slice(1), eps, gradients }),
  evaluation: (dy, x, eps, ctx) => {
    const length = x.shape[1] as number;
    const make = (value: number) => ctx.tensor(new Float32Array(length).fill(value), [length]);
    const [runningMean, runningVar] = [make(OUTSIDE.mean), make(OUTSIDE.variance)];
    const result = batchNormBackward(dy, { x, runningMean, runningVar, eps, gradients });
    runningMean.destroy();
    runningVar.destroy();
    return result;
  },
};

export async function computeBackward(
  ctx: Context,
  norm: BackwardNorm,
  { x, shape, eps }: Pick<Question, "x" | "shape" | "eps">,
  dy: Float32Array,
): Promise<Float32Array> {
  const [input, gradient] = [ctx.tensor(x, shape), ctx.tensor(dy, shape)];
  const { dx } = CALLS[norm](gradient, input, eps, ctx);
  const result = await dx.read();
  for (const tensor of [input, gradient, dx]) tensor.destroy();
  return result;
}
