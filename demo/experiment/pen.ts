// A pen draws strokes into a picture of 16 x 16 pixels.

import { entryAt } from "../../src/base/entry";
import type { Point, Stroke } from "./glyphs";

export const SIDE = 16;
export const PIXELS = SIDE * SIDE;
/** Pixels are squares around whole coordinates, so that this is the middle of the picture. */
export const MIDDLE = (SIDE - 1) / 2;

/** The ink of each pixel, 0 to 1: the pen leaves full ink within `radius`, and none a pixel on. */
export function inkOf(strokes: readonly Stroke[], radius: number): Float64Array {
  const ink = new Float64Array(PIXELS);
  for (const stroke of strokes) {
    for (let i = 0; i < stroke.length; i++) {
      drawLine(ink, entryAt(stroke, Math.max(0, i - 1)), entryAt(stroke, i), radius + 1);
    }
  }
  return ink;
}

/** Draws a line, or a dot between equal points. Ink falls from 1 to 0 on the last pixel of `reach`. */
function drawLine(ink: Float64Array, [fromX, fromY]: Point, [toX, toY]: Point, reach: number) {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const squared = dx * dx + dy * dy;
  const [left, right] = range(fromX, toX, reach);
  const [top, bottom] = range(fromY, toY, reach);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = squared > 0 ? ((x - fromX) * dx + (y - fromY) * dy) / squared : 0;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(x - fromX - t * dx, y - fromY - t * dy);
      const level = Math.min(1, reach - distance);
      const at = y * SIDE + x;
      if (level > entryAt(ink, at)) ink[at] = level;
    }
  }
}

/** The pixels that a line from a to b can reach. */
function range(a: number, b: number, reach: number): [first: number, last: number] {
  const first = Math.ceil(Math.min(a, b) - reach);
  const last = Math.floor(Math.max(a, b) + reach);
  return [Math.max(0, first), Math.min(SIDE - 1, last)];
}

/** A pixel's value: ink and paper lie on both sides of 0. */
export const toneOf = (ink: number) => 2 * ink - 0.6;
