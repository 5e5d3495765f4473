// Pen digits are drawn anew, each with another hand: jittered strokes, another slant, size, pen,
// contrast and paper. 3 kB of code are an endless data set.

import { entryAt } from "../../src/base/entry";
import type { Random } from "../base/random";
import { GLYPHS, type Stroke } from "./glyphs";
import { inkOf, MIDDLE, PIXELS, toneOf } from "./pen";

export const CLASSES = GLYPHS.length;

export interface Digits {
  /** Pictures of 16 x 16 values, one after the other. */
  readonly pictures: Float32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
}

/** Draws digits of random classes. `hard` from 0, neat, to 1, hardly readable. */
export function drawDigits(random: Random, count: number, hard: number): Digits {
  const pictures = new Float32Array(count * PIXELS);
  const labels = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const label = random.below(CLASSES);
    labels[i] = label;
    pictures.set(drawDigit(random, label, hard), i * PIXELS);
  }
  return { pictures, labels };
}

/** Draws one digit of a class. */
export function drawDigit(random: Random, label: number, hard: number): Float32Array<ArrayBuffer> {
  const strokes = writeByHand(random, entryAt(GLYPHS, label), hard);
  const ink = inkOf(strokes, random.between(0.25, 1.15));
  const sign = random.uniform() < 0.5 * hard ? -1 : 1; // light on dark, too
  const contrast = sign * Math.exp(0.6 * hard * random.normal());
  const paper = 1.2 * hard * random.normal();
  const noise = 0.5 * hard;
  return Float32Array.from(ink, (v) => contrast * toneOf(v) + paper + noise * random.normal());
}

/** The strokes of a glyph in pixels: jittered, stretched, slanted, turned, scaled and shifted. */
function writeByHand(random: Random, glyph: readonly Stroke[], hard: number): Stroke[] {
  const spread = (width: number) => random.between(-width / 2, width / 2) * hard;
  const [angle, width, slant] = [spread(1.2), 1 + spread(0.6), spread(0.9)];
  const scale = 5.3 * (1 - 0.35 * hard + random.between(0, 0.5) * hard);
  const [x, y] = [MIDDLE + spread(7), MIDDLE + spread(5)];
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const jitter = () => 0.1 * hard * random.normal();
  return glyph.map((stroke) =>
    stroke.map(([a, b]) => {
      const u = (a + jitter()) * width + b * slant;
      const v = b + jitter();
      return [x + cos * u - sin * v, y + sin * u + cos * v];
    }),
  );
}
