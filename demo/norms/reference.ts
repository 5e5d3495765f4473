// The reference computes every norm of the page in float64, by plain loops. It judges what the GPU
// gives, and draws the page where there is no GPU.

import { forEachCell, indexOf, type Shape4 } from "../base/shape";
import { keptShape, type Partition, setsOf } from "./partition";
import type { Preset } from "./presets";
import { sharedSets } from "./sets";
import { STATISTICS } from "./statistics";

export interface Question {
  readonly preset: Preset;
  readonly partition: Partition;
  readonly shape: Shape4;
  readonly x: Float32Array;
  readonly eps: number;
}

/** The result, and the two numbers of each set. */
export interface Answer {
  readonly y: Float64Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
}

export function reference(question: Question): Answer {
  const { preset, partition, shape, x } = question;
  const shared = sharedNumbers(question);
  const { apply } = STATISTICS[preset.statistic];
  const { of } = sharedSets(shape, preset, partition);
  const y = new Float64Array(x.length);
  forEachCell(shape, (cell, i) => {
    const set = of(cell);
    y[i] = apply(at(x, i), [at(shared.a, set), at(shared.b, set)]);
  });
  return { y, ...shared };
}

type Numbers = Pick<Answer, "a" | "b">;

const at = (values: ArrayLike<number>, index: number): number => values[index] as number;

function sharedNumbers(question: Question): Numbers {
  if (question.preset.window) return ofWindows(question, question.preset.window);
  if (question.preset.statistic === "response") return ofResponse(question);
  const { preset, partition, shape, x, eps } = question;
  const { count, of } = setsOf(shape, partition);
  const members = Array.from({ length: count }, (): number[] => []);
  forEachCell(shape, (cell, i) => members[of(cell)]?.push(at(x, i)));
  const { of: share } = STATISTICS[preset.statistic];
  return pairs(members.map((values) => share(values, eps)));
}

const pairs = (all: readonly (readonly [number, number])[]): Numbers => ({
  a: Float64Array.from(all, ([a]) => a),
  b: Float64Array.from(all, ([, b]) => b),
});

function ofWindows({ preset, shape, x, eps }: Question, size: number): Numbers {
  const all: (readonly [number, number])[] = [];
  const reach = Math.floor(size / 2);
  forEachCell(shape, ([n, c, h, w]) => {
    const values: number[] = [];
    for (let j = Math.max(0, c - reach); j <= Math.min(shape[1] - 1, c + reach); j++) {
      values.push(at(x, indexOf(shape, [n, j, h, w])));
    }
    all.push(STATISTICS[preset.statistic].of(values, eps));
  });
  return pairs(all);
}

/** Each picture's length, beside the mean length of its example's pictures. */
function ofResponse({ partition, shape, x, eps }: Question): Numbers {
  const { count, of } = setsOf(shape, partition);
  const squares = new Float64Array(count);
  forEachCell(shape, (cell, i) => {
    squares[of(cell)] = at(squares, of(cell)) + at(x, i) ** 2;
  });
  const lengths = squares.map(Math.sqrt);
  const [examples] = keptShape(shape, partition);
  const each = count / examples;
  const b = lengths.map((length, i) => {
    const first = i - (i % each);
    const mean = lengths.subarray(first, first + each).reduce((s, l) => s + l, 0) / each;
    return (mean + eps) / length;
  });
  return { a: new Float64Array(count), b };
}

/** The largest difference; NaN if any value of `y` is not a number. */
export function largestError(y: Float32Array, expected: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < y.length; i++) {
    const error = Math.abs(at(y, i) - at(expected, i));
    if (!(error <= largest)) largest = error;
    if (Number.isNaN(error)) return error;
  }
  return largest;
}
