// What a visitor draws becomes a picture like those that the networks know.

import type { Point, Stroke } from "./glyphs";
import { inkOf, MIDDLE, toneOf } from "./pen";

/** A typical digit reaches this far from its middle, in pixels; its pen has this radius. */
const REACH = 4.8;
const PEN = 0.7;

/**
 * Makes a picture of strokes in any unit, y down: the drawing is centred and scaled to the size of a
 * digit. Returns undefined where nothing is drawn.
 */
export function pictureOf(strokes: readonly Stroke[]): Float32Array<ArrayBuffer> | undefined {
  const points = strokes.flat();
  if (points.length === 0) return undefined;
  const [x, halfWidth] = extentOf(points.map((point) => point[0]));
  const [y, halfHeight] = extentOf(points.map((point) => point[1]));
  const size = Math.max(halfWidth, halfHeight);
  const scale = size > 0 ? REACH / size : 0; // a dot has no size
  const place = ([a, b]: Point): Point => [MIDDLE + (a - x) * scale, MIDDLE + (b - y) * scale];
  return Float32Array.from(
    inkOf(
      strokes.map((stroke) => stroke.map(place)),
      PEN,
    ),
    toneOf,
  );
}

function extentOf(values: readonly number[]): [middle: number, half: number] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return [(low + high) / 2, (high - low) / 2];
}
