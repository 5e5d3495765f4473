// Operations that give statistics alone.

import { sizeOf } from "../../base/shape";
import type { Call, Made } from "../../operation/operation";
import { planForward } from "../../plan/forward";
import type { Problem, Statistic } from "../../plan/problem";
import { layoutOf, type Spec } from "../../runtime/tensor";
import type { Kind } from "../../wgsl/statistics";
import { checkTarget } from "./checks";
import { checkCount, layoutsOf, type Normalization, problemOf, statStrides, whole } from "./norm";

/** Statistics alone, of which one may go into a tensor of the caller's. */
export function statistics<R>(
  op: string,
  x: Spec,
  reduced: readonly boolean[],
  o: {
    kind?: Kind;
    results: readonly Statistic[];
    keepdim?: boolean;
    out?: unknown;
    correction?: number;
    result: (made: Made["statistics"], count: number) => R;
  },
): Call<R> {
  const { shape } = x;
  checkCount(op, shape, reduced);
  const keptShape = shape.map((size, i) => (reduced[i] ? 1 : size));
  const statShape = o.keepdim ? keptShape : shape.filter((_, i) => !reduced[i]);
  const out = checkTarget(op, o.out, statShape, "f32");
  const strides = out ? outStrides(out, reduced, o.keepdim) : statStrides(shape, reduced);
  const n: Normalization = { op, x, kind: o.kind, reduced, eps: 0 };
  const problem: Problem = {
    ...problemOf(n, {}, layoutsOf(n, { x: whole(x) })),
    stat: { strides, offset: out ? layoutOf(out).offset : 0 },
    results: o.results,
    correction: o.correction ?? 0,
  };
  const count = sizeOf(shape.filter((_, i) => reduced[i]));
  return {
    problem,
    plan: planForward,
    arrays: { x },
    slots: { statistics: "out" },
    outputs: out ? { statistics: { shape: statShape, dtype: "f32", out } } : {},
    statShape,
    result: (made) => o.result(made.statistics, count),
  };
}

function outStrides(out: Spec, reduced: readonly boolean[], keepdim?: boolean): number[] {
  if (keepdim) return out.strides.map((stride, i) => (reduced[i] ? 0 : stride));
  let next = 0;
  return reduced.map((r) => (r ? 0 : out.strides[next++]));
}
