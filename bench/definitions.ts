// A definition states a workload's computation without the operation's name, for libraries that
// must write it out: statistics over some axes of x seen in another shape, and parameters along the
// others.

import type { Shape, Workload } from "./workloads";

export interface Meaning {
  /** The norm; a backward's too. */
  readonly norm: string;
  readonly backward: boolean;
  /** The shape in which x, dy and the result are seen, row-major. */
  readonly view: Shape;
  /** Of the view, ascending: elements that share statistics. */
  readonly axes: readonly number[];
  /** weight, bias and given statistics, to be broadcast onto the view. */
  readonly parameter: Shape;
  /** Of the view: axes along which a parameter repeats. */
  readonly repeats: readonly number[];
  /** False: the mean square instead of mean and variance. */
  readonly centered: boolean;
  readonly eps: number;
  /** Elements that share statistics. */
  readonly count: number;
}

/** PyTorch's default. */
const EPS = 1e-5;
/** PyTorch's: the weight of the new statistics. */
export const MOMENTUM = 0.1;

export function meaningOf({ op, shape, options }: Workload): Meaning {
  const norm = op.replace("Backward", "");
  const [view, axes, parameter] = viewOf(norm, shape, options.groups as number | undefined);
  return {
    norm,
    backward: op.endsWith("Backward"),
    view,
    axes,
    parameter,
    repeats: parameter.flatMap((length, axis) => (length === 1 ? [axis] : [])),
    centered: norm !== "rmsNorm",
    eps: (options.eps as number | undefined) ?? EPS,
    count: axes.reduce((count, axis) => count * view[axis], 1),
  };
}

type View = [view: Shape, axes: readonly number[], parameter: Shape];

function viewOf(norm: string, shape: Shape, groups = 1): View {
  if (norm === "layerNorm" || norm === "rmsNorm") return [shape, [1], [1, shape[1]]];
  const [examples, channels, ...positions] = shape;
  const size = positions.reduce((a, b) => a * b, 1);
  if (norm === "groupNorm") {
    const each = channels / groups;
    return [
      [examples, groups, each, size],
      [2, 3],
      [1, groups, each, 1],
    ];
  }
  const axes = norm === "instanceNorm" ? [2] : [0, 2]; // batchNorm and its moments
  return [[examples, channels, size], axes, [1, channels, 1]];
}
