// A convolution and its gradients in float64: plain loops, written to be read.

import type { Layer } from "../spec";

/** The value at an index that is there. Engines make fast code of it, as it meets one type of array. */
const at = (values: Float64Array, index: number) => values[index] as number;

/** Calls `visit` for each example, output pixel and tap, with the first elements of x, z and weights. */
function forEachTap(
  { inSide, inChannels, outSide, outChannels, kernel, stride, padding }: Layer,
  batch: number,
  visit: (x: number, z: number, weight: number) => void,
): void {
  for (let pixel = 0; pixel < outSide ** 2; pixel++) {
    for (let tap = 0; tap < kernel ** 2; tap++) {
      const column = (pixel % outSide) * stride + (tap % kernel) - padding;
      const row = Math.floor(pixel / outSide) * stride + Math.floor(tap / kernel) - padding;
      if (Math.min(column, row) < 0 || Math.max(column, row) >= inSide) continue;
      for (let example = 0; example < batch; example++) {
        const x = (example * inSide ** 2 + row * inSide + column) * inChannels;
        const z = (example * outSide ** 2 + pixel) * outChannels;
        visit(x, z, tap * inChannels * outChannels);
      }
    }
  }
}

export function convolve(layer: Layer, batch: number, x: Float64Array, weights: Float64Array) {
  const { inChannels, outChannels, outSide } = layer;
  const z = new Float64Array(batch * outSide ** 2 * outChannels);
  forEachTap(layer, batch, (x0, z0, w0) => {
    for (let i = 0; i < inChannels; i++) {
      const value = at(x, x0 + i);
      const w = w0 + i * outChannels;
      for (let o = 0; o < outChannels; o++) {
        z[z0 + o] = at(z, z0 + o) + value * at(weights, w + o);
      }
    }
  });
  return z;
}

export function inputGradient(
  layer: Layer,
  batch: number,
  dz: Float64Array,
  weights: Float64Array,
) {
  const { inChannels, inSide, outChannels } = layer;
  const dx = new Float64Array(batch * inSide ** 2 * inChannels);
  forEachTap(layer, batch, (x0, z0, w0) => {
    for (let i = 0; i < inChannels; i++) {
      const w = w0 + i * outChannels;
      let sum = 0;
      for (let o = 0; o < outChannels; o++) sum += at(dz, z0 + o) * at(weights, w + o);
      dx[x0 + i] = at(dx, x0 + i) + sum;
    }
  });
  return dx;
}

export function weightGradient(layer: Layer, batch: number, x: Float64Array, dz: Float64Array) {
  const { inChannels, outChannels, kernel } = layer;
  const gradient = new Float64Array(kernel ** 2 * inChannels * outChannels);
  forEachTap(layer, batch, (x0, z0, w0) => {
    for (let i = 0; i < inChannels; i++) {
      const value = at(x, x0 + i);
      const w = w0 + i * outChannels;
      for (let o = 0; o < outChannels; o++) {
        gradient[w + o] = at(gradient, w + o) + value * at(dz, z0 + o);
      }
    }
  });
  return gradient;
}
