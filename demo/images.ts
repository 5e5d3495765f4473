// This file draws rows of pictures: the input, and each norm's output as grey levels around its
// mean.

import { entryAt } from "../src/base/entry";
import { html } from "./dom";
import { SHOWN } from "./reference";
import type { Kind } from "./settings";
import type { Shape4 } from "./shapes";

/** Maps values to 0..1. */
export type Tone = (value: number) => number;

export interface Picture {
  data: Float32Array;
  shape: Shape4;
  kind: Kind;
  channel: number;
  tone: Tone;
  /** For screen readers, one an example. */
  names: readonly string[];
}

/** Normalized values: the mean is middle grey. */
export const normalized: Tone = (value) => (value - SHOWN[0]) / (SHOWN[1] - SHOWN[0]);

/** The input as it was before the offset. */
export const original =
  (offset: number): Tone =>
  (value) =>
    value - offset;

/** One channel of the input stretched to its own range over the batch. */
export function stretched(data: Float32Array, [n, c, h, w]: Shape4, channel: number): Tone {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < n; i++) {
    const start = (i * c + channel) * h * w;
    for (const value of data.subarray(start, start + h * w)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return (value) => (high > low ? (value - low) / (high - low) : 0.5);
}

/** Draws every example into the strip's canvases, which are kept from one run to the next. */
export function drawStrip(strip: HTMLElement, picture: Picture): void {
  const { shape, names } = picture;
  const [n, , h, w] = shape;
  while (strip.children.length > n) strip.lastElementChild?.remove();
  while (strip.children.length < n) strip.append(html("canvas", { role: "img" }));
  for (let i = 0; i < n; i++) {
    const canvas = strip.children[i] as HTMLCanvasElement;
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    const name = entryAt(names, i);
    canvas.setAttribute("aria-label", name);
    canvas.title = name;
    canvas.getContext("2d")?.putImageData(pixels(picture, i), 0, 0);
  }
}

function pixels({ data, shape, kind, channel, tone }: Picture, example: number): ImageData {
  const [, c, h, w] = shape;
  const plane = h * w;
  const image = new ImageData(w, h);
  const first = example * c * plane;
  // a feature map is grey: one channel serves as red, green and blue
  const start =
    kind === "images" ? [0, plane, 2 * plane] : new Array<number>(3).fill(channel * plane);
  for (let k = 0; k < plane; k++) {
    for (const [rgb, from] of start.entries()) {
      image.data[4 * k + rgb] = 255 * tone(entryAt(data, first + from + k));
    }
    image.data[4 * k + 3] = 255;
  }
  return image;
}
