// The norm of many tensors together, and their gradients clipped by it, are composed of smaller
// operations.

import { fail, show } from "../base/errors";
import { checkOptions, isFloat, type OptionTable } from "../base/options";
import { composed, type Steps } from "../operation/composed";
import { contextOf, operation } from "../operation/operation";
import { type ArraySpec, checkTensor, Tensor } from "../runtime/tensor";
import { storedClipped } from "../wgsl/files";
import { GIVEN_FACTOR, NORM_2 } from "../wgsl/statistics";
import { givenBy } from "./shared/given";
import { type NormStatement, norm } from "./shared/norm";
import type { NormOptions } from "./shared/options";
import { statisticsCall } from "./shared/statistics";

const NORM = "globalNorm";
const CLIP = "clipGradNorm";

const normOver = (op: string) =>
  operation({
    name: op,
    define: (x: ArraySpec, { out }: { out?: ArraySpec | undefined }) =>
      statisticsCall(
        op,
        x,
        x.shape.map(() => true),
        {
          kind: NORM_2,
          results: ["mean"], // norms are in the place of means
          out,
          result: (made) => made.mean,
        },
      ),
  });

const normForNorm = /* @__PURE__ */ normOver(NORM);
const normForClip = /* @__PURE__ */ normOver(CLIP);

interface ClipStepOptions extends NormOptions {
  total: ArraySpec;
  max: number;
}

const clip = /* @__PURE__ */ norm<ClipStepOptions, unknown>(
  CLIP,
  (op, x, { total, max }): NormStatement => ({
    op,
    x,
    kind: GIVEN_FACTOR,
    reduced: x.shape.map(() => true),
    eps: 1e-6,
    uniforms: { maxGain: max },
    statistics: [],
    given: givenBy(storedClipped, { array: "denominator", argument: "total", spec: total }),
  }),
);

/** Returns the tensors, of which there is one at least. */
function checkTensors(op: string, tensors: readonly Tensor[]): readonly Tensor[] {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    fail(op, `tensors is ${show(tensors)}, expected an array of at least one tensor`);
  }
  return Array.from(tensors as Tensor[], (one, i) => checkTensor(op, `tensors[${i}]`, one));
}

/** Takes the norm of each tensor into one vector, then the norm of that. */
function totalNorm(
  { run, filled }: Steps,
  step: typeof normForNorm,
  tensors: readonly Tensor[],
): Tensor {
  const full = tensors.filter(({ size }) => size > 0);
  const norms = filled(0, Math.max(1, full.length));
  const { context, storage, offset } = norms;
  full.forEach((tensor, i) => {
    run(step, tensor, { out: new Tensor(context, storage, [], [], offset + i, "f32", false) });
  });
  return run(step, norms, {});
}

/**
 * Computes the Euclidean norm of all elements of all tensors together, sqrt(sum(x^2)), as a tensor
 * [] of f32. Neither squares nor sums leave the range of f32, and the same tensors give the same
 * bits.
 *
 * tensors: any number, each of any shape and dtype, on one device. Throws NormError for a list
 * without tensors.
 * Source: PyTorch `torch.nn.utils.get_total_norm`.
 */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  const all = checkTensors(NORM, tensors);
  const context = contextOf(NORM, "tensors[0]", all[0]);
  return composed(context, (steps) => totalNorm(steps, normForNorm, all));
}

export interface ClipGradNormOptions {
  /** The norm of all tensors together is at most this afterwards. */
  max: number;
}

const CLIP_OPTIONS: OptionTable<ClipGradNormOptions> = {
  max: (value) => !(isFloat(value) && value >= 0) && "a finite number that is not negative, in f32",
};

/**
 * Multiplies all tensors in place by min(1, max / (norm + 1e-6)), where the norm is that of all of
 * them together, and returns this norm from before as a tensor []. NaN in one makes all NaN.
 *
 * tensors: as for `globalNorm`, each once. Throws NormError for a list without tensors, a `max` that
 * is missing or negative, and elements that overlap in a tensor.
 * Source: PyTorch `torch.nn.utils.clip_grad_norm_`.
 */
export function clipGradNorm(tensors: readonly Tensor[], options: ClipGradNormOptions): Tensor {
  const all = checkTensors(CLIP, tensors);
  const context = contextOf(CLIP, "tensors[0]", all[0]);
  const { max } = checkOptions(CLIP, options, CLIP_OPTIONS);
  if (max === undefined) fail(CLIP, "max is missing, expected the largest norm");
  return composed(context, (steps) => {
    const total = totalNorm(steps, normForClip, all);
    for (const tensor of all) {
      if (tensor.size > 0) steps.run(clip, tensor, { total, max, out: tensor });
    }
    return total;
  });
}
