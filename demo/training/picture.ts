// A picture of the experiment on a canvas: 16 x 16 values, from their darkest to their brightest.

import { html } from "../base/dom";
import { SIDE } from "../experiment/pen";

export function digitCanvas(): HTMLCanvasElement {
  return html("canvas", { width: SIDE, height: SIDE, class: "digit", "aria-hidden": "true" });
}

export function drawPicture(canvas: HTMLCanvasElement, values: Float32Array): void {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const image = new ImageData(SIDE, SIDE);
  for (const [i, value] of values.entries()) {
    const grey = (255 * (value - low)) / Math.max(high - low, 1e-9);
    image.data.set([grey, grey, grey, 255], 4 * i);
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
