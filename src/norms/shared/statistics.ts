// Some operations return statistics alone.

import { entryAt } from "../../base/entry";
import { sizeOf } from "../../base/shape";
import { planForward } from "../../plan/forward";
import type { Planner } from "../../plan/plan";
import type { Problem, Statistic } from "../../plan/problem";
import type { PassUniforms } from "../../plan/uniform_fields";
import type { Call, CallResults } from "../../runtime/call";
import { type ArraySpec, bindingLayoutOf } from "../../runtime/tensor";
import type { StatisticKind } from "../../wgsl/statistics";
import { checkTarget } from "./checks";
import {
  checkCount,
  layoutsOf,
  type NormStatement,
  problemOf,
  specsOf,
  statisticsStrides,
} from "./norm";
import type { Mask } from "./options";
import { fullShape, type PlacedParameter } from "./placement";

/**
 * States an operation that returns statistics alone. One of them may go into the caller's tensor.
 */
export function statisticsCall<R>(
  op: string,
  x: ArraySpec,
  reduced: readonly boolean[],
  o: {
    kind?: StatisticKind | undefined;
    results: readonly Statistic[];
    keepdim?: boolean | undefined;
    out?: unknown | undefined;
    uniforms?: Partial<PassUniforms> | undefined;
    /** The planner is the one of all norms by default. */
    plan?: Planner | undefined;
    mask?: Mask | undefined;
    /** The statistics are those of x and these together. */
    summands?: Readonly<Record<string, PlacedParameter | undefined>>;
    result: (made: CallResults["statistics"], count: number) => R;
  },
): Call<R> {
  const { shape } = x;
  checkCount(op, shape, reduced);
  const keptShape = shape.map((size, i) => (reduced[i] ? 1 : size));
  const statShape = o.keepdim ? keptShape : shape.filter((_, i) => !reduced[i]);
  const out = checkTarget(op, o.out, statShape, "f32");
  const strides = out ? outStrides(out, reduced, o.keepdim) : statisticsStrides(shape, reduced);
  const n: NormStatement = { op, x, kind: o.kind, reduced, eps: 0, uniforms: o.uniforms };
  const masked = o.mask?.place(n);
  const operands = { x: fullShape(x), ...o.summands, ...masked?.operands };
  const problem: Problem = {
    ...problemOf(n, {}, layoutsOf(n, operands), masked),
    statisticsLayout: { strides, offset: out ? bindingLayoutOf(out).offset : 0 },
    results: o.results,
  };
  const count = sizeOf(shape.filter((_, i) => reduced[i]));
  return {
    problem,
    plan: o.plan ?? planForward,
    arrays: specsOf(operands),
    outputs: out ? { statistics: { shape: statShape, dtype: "f32", out } } : {},
    statisticsShape: statShape,
    result: (made) => o.result(made.statistics, count),
  };
}

function outStrides(out: ArraySpec, reduced: readonly boolean[], keepdim?: boolean): number[] {
  if (keepdim) return out.strides.map((stride, i) => (reduced[i] ? 0 : stride));
  let next = 0;
  return reduced.map((r) => (r ? 0 : entryAt(out.strides, next++)));
}
