// Photographs as they are: [N, 3, H, W] with values of 0 to 1, and the way back to a canvas.

import type { Shape4 } from "../base/shape";
import { type Photograph, pixelsOf } from "./photographs";

export function colourPictures(photographs: readonly Photograph[], side: number) {
  const shape: Shape4 = [photographs.length, 3, side, side];
  const plane = side * side;
  const x = new Float32Array(photographs.length * 3 * plane);
  for (const [n, photograph] of photographs.entries()) {
    const rgba = pixelsOf(photograph, side);
    for (let k = 0; k < plane; k++) {
      for (let c = 0; c < 3; c++) x[(n * 3 + c) * plane + k] = (rgba[4 * k + c] as number) / 255;
    }
  }
  return { shape, x };
}

/** Maps a value to 0..1. */
export type Tone = (value: number) => number;

export const same: Tone = (value) => value;
/** Black and white are the ends of a range. */
export const within =
  ([low, high]: readonly [number, number]): Tone =>
  (value) =>
    (value - low) / (high - low);
/** Normalized values: the mean is middle grey, three deviations are black and white. */
export const aroundMean: Tone = (value) => 0.5 + value / 6;

export function drawColours(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  [, , h, w]: Shape4,
  n: number,
  tone: Tone,
): void {
  Object.assign(canvas, { width: w, height: h });
  const image = new ImageData(w, h);
  const plane = h * w;
  for (let k = 0; k < plane; k++) {
    for (let c = 0; c < 3; c++) {
      image.data[4 * k + c] = 255 * tone(values[(n * 3 + c) * plane + k] as number);
    }
    image.data[4 * k + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** Draws one plane, of any channel, in greys. */
export function drawGreys(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  [, , h, w]: Shape4,
  plane: number,
  tone: Tone,
): void {
  Object.assign(canvas, { width: w, height: h });
  const image = new ImageData(w, h);
  for (let k = 0; k < h * w; k++) {
    const grey = 255 * tone(values[plane * h * w + k] as number);
    image.data.set([grey, grey, grey, 255], 4 * k);
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** The largest absolute value of the three colours, as heat from none to `most`. */
export function drawHeat(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  [, , h, w]: Shape4,
  n: number,
  most: number,
): void {
  Object.assign(canvas, { width: w, height: h });
  const image = new ImageData(w, h);
  const plane = h * w;
  for (let k = 0; k < plane; k++) {
    let largest = 0;
    for (let c = 0; c < 3; c++) {
      largest = Math.max(largest, Math.abs(values[(n * 3 + c) * plane + k] as number));
    }
    const heat = largest === 0 ? 0 : 0.25 + 0.75 * Math.min(1, largest / most);
    image.data.set([240, 90, 20, 255 * heat], 4 * k);
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
