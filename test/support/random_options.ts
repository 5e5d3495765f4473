// The rows of the operations table share this file: axes, broadcast shapes, layouts of a grid.

import { resolveAxes, resolveAxis } from "./arrays";
import type { Options, Shape } from "./problem";
import type { Random } from "./random";

export const EPS = [1e-5, 1e-5, 1e-3, 0.5, 1e-12];

/** Any axes, at least one, in any order, negative or not. */
export function someAxes(random: Random, shape: Shape): number[] {
  const rank = shape.length;
  const axes = random.shuffle(shape.map((_, axis) => axis));
  return axes
    .slice(0, 1 + random.below(rank))
    .map((axis) => (random.chance(0.3) ? axis - rank : axis));
}

/** A shape that broadcasts against this one, sometimes without leading axes of length 1. */
export function broadcastable(random: Random, shape: Shape): Shape {
  const kept = shape.map((length) => (random.chance(0.5) ? length : 1));
  const first = kept.findIndex((length) => length > 1);
  return random.chance(0.3) ? kept.slice(Math.max(0, first)) : kept;
}

/** [rows, length], [length, rows], and the length on both sides of the rows. */
function overAxes(rows: number, length: number): { shape: Shape; options: Options }[] {
  const inner = length % 3 === 0 ? 3 : 2;
  const both = { shape: [length / inner, rows, inner], options: { axes: [0, 2] } };
  return [
    { shape: [rows, length], options: { axes: [1] } },
    { shape: [length, rows], options: { axes: [0] } },
    ...(length > inner && length % inner === 0 ? [both] : []),
  ];
}

export const ofAxes = {
  ranks: [1, 8] as const,
  parameters: () => ({}),
  grouping: (shape: Shape, { axes }: Options) => ({ shape, axes: resolveAxes(shape, axes) }),
  grid: overAxes,
};

/** Any axis from `first` on (axis 0 may be that of the examples), sometimes from behind. */
export function channelAxis(random: Random, shape: Shape, first = 1): Options {
  if (random.chance(0.4)) return {};
  const axis = first + random.below(shape.length - first);
  return { channelAxis: random.chance(0.5) ? axis - shape.length : axis };
}

export const channelOf = (shape: Shape, { channelAxis = 1 }: Options) =>
  resolveAxis(shape, channelAxis);

export const divisors = (n: number) =>
  Array.from({ length: n }, (_, k) => k + 1).filter((d) => n % d === 0);
