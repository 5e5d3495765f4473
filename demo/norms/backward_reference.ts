// The gradients of the norms in float64: dx for a given dy, with unit weight.

import { forEachCell } from "../base/shape";
import { type Question, reference } from "./reference";
import { sharedSets } from "./sets";
import type { StatisticId } from "./statistics";

/** Whether the mean and the deviation of a set depend on x. */
const THROUGH: Partial<Record<StatisticId, readonly [mean: boolean, scale: boolean]>> = {
  moments: [true, true],
  meanSquare: [false, true],
  outside: [false, false],
};

/** dx = (dy - mean(dy) - xhat mean(dy xhat)) / deviation, without what is constant. */
export function backwardReference(question: Question, dy: Float32Array): Float64Array {
  const { preset, partition, shape } = question;
  const [throughMean, throughScale] = THROUGH[preset.statistic] ?? [true, true];
  const { y, b } = reference(question);
  const { count, size, of } = sharedSets(shape, preset, partition);
  const sums = new Float64Array(count);
  const products = new Float64Array(count);
  const at = (values: ArrayLike<number>, i: number) => values[i] as number;
  forEachCell(shape, (cell, i) => {
    const set = of(cell);
    sums[set] = at(sums, set) + at(dy, i);
    products[set] = at(products, set) + at(dy, i) * at(y, i);
  });
  const dx = new Float64Array(dy.length);
  forEachCell(shape, (cell, i) => {
    const set = of(cell);
    const mean = throughMean ? at(sums, set) / size : 0;
    const scale = throughScale ? (at(y, i) * at(products, set)) / size : 0;
    dx[i] = (at(dy, i) - mean - scale) / at(b, set);
  });
  return dx;
}
