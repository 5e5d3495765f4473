// Drawn digits depend on their seed alone, and what a visitor draws becomes such a digit.

import { expect, test } from "vitest";
import { Random } from "../../demo/base/random";
import { trainingBatch } from "../../demo/experiment/data";
import { CLASSES, drawDigit, drawDigits } from "../../demo/experiment/digits";
import { GLYPHS, type Stroke } from "../../demo/experiment/glyphs";
import { pictureOf } from "../../demo/experiment/pad";
import { PIXELS, SIDE } from "../../demo/experiment/pen";
import { MLP } from "../../demo/experiment/spec";

test("a seed gives the same digits at each call, and another one others", () => {
  const draw = (...seed: number[]) => drawDigits(new Random(...seed), 20, 0.5);
  expect(draw(1, 2)).toEqual(draw(1, 2));
  for (const other of [[1, 3], [2, 2], [2, 1], [1]]) expect(draw(...other)).not.toEqual(draw(1, 2));
  expect(trainingBatch(MLP, 0, 7)).toEqual(trainingBatch(MLP, 0, 7));
  expect(trainingBatch(MLP, 1, 7)).not.toEqual(trainingBatch(MLP, 0, 7));
});

test("random numbers are uniform and normal, and no stream repeats another", () => {
  const count = 20_000;
  const draw = (random: Random, of: (random: Random) => number) =>
    Array.from({ length: count }, () => of(random));
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const uniform = draw(new Random(3), (random) => random.uniform());
  const normal = draw(new Random(3), (random) => random.normal());
  const error = 4 / Math.sqrt(count); // four standard errors of a deviation of 1
  expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(error * Math.sqrt(1 / 12));
  expect(Math.abs(mean(normal))).toBeLessThan(error);
  expect(Math.abs(mean(normal.map((v) => v * v)) - 1)).toBeLessThan(error * Math.SQRT2);
  const streams = Array.from({ length: 2000 }, (_, i) => new Random(i % 40, Math.floor(i / 40)));
  expect(new Set(streams.map((random) => random.uniform())).size).toBe(streams.length);
});

test("all classes come equally often", () => {
  const { labels } = drawDigits(new Random(5), 2000, 0.5);
  for (let label = 0; label < CLASSES; label++) {
    const count = labels.filter((value) => value === label).length;
    expect(Math.abs(count - 200)).toBeLessThan(4 * Math.sqrt(200 * 0.9));
  }
});

/** The neat digits, in the order of their classes. */
const neat = GLYPHS.map((_, label) => drawDigit(new Random(1), label, 0));

/** The class whose neat digit is most like a picture, by correlation. */
function classOf(picture: Float32Array): number {
  const centred = (values: Float32Array) => {
    const mean = values.reduce((a, b) => a + b) / PIXELS;
    return values.map((value) => value - mean);
  };
  const scores = neat.map((other) => {
    const [a, b] = [centred(picture), centred(other)];
    const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, v, i) => sum + v * q[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  });
  return scores.indexOf(Math.max(...scores));
}

test("digits that are a little hard look like neat ones, and hard ones less so", () => {
  const right = (hard: number) => {
    const { pictures, labels } = drawDigits(new Random(9), 300, hard);
    return [...labels].filter(
      (label, i) => classOf(pictures.subarray(i * PIXELS, (i + 1) * PIXELS)) === label,
    ).length;
  };
  const found = [0, 0.3, 0.7].map(right);
  expect(found[0]).toBeGreaterThan(270); // pens differ
  expect(found[1]).toBeLessThan(0.9 * found[0]);
  expect(found[2]).toBeLessThan(0.7 * found[1]);
  expect(found[2]).toBeGreaterThan(45); // 30 by chance
});

/** The strokes of a glyph on a pad of another size, at another place. */
const onPad = (glyph: readonly Stroke[], size: number, x: number, y: number) =>
  glyph.map((stroke) => stroke.map(([a, b]) => [x + size * a, y + size * b] as const));

test("strokes on a pad become a digit of their class, wherever and however large they are", () => {
  for (const [label, glyph] of GLYPHS.entries()) {
    const picture = pictureOf(onPad(glyph, 128, 300, 17));
    expect(classOf(picture as Float32Array)).toBe(label);
    expect(picture).toEqual(pictureOf(onPad(glyph, 64, -20, 500)));
  }
});

test("a dot is a picture with ink in the middle; without a stroke there is none", () => {
  expect(pictureOf([])).toBeUndefined();
  expect(pictureOf([[]])).toBeUndefined();
  const dot = pictureOf([[[70, 3]]]) as Float32Array;
  const middle = (SIDE / 2) * SIDE + SIDE / 2;
  expect(dot.every(Number.isFinite)).toBe(true);
  expect(dot[middle]).toBe(Math.max(...dot));
  expect(dot[0]).toBe(Math.min(...dot));
  expect(dot[middle]).toBeGreaterThan(dot[0]);
});
