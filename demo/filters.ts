// A fixed bank of 32 convolution filters makes the feature maps. The first layer of a trained
// network learns filters of this kind. The bank runs in the worker.
//
// Every filter is 7 x 7, reads one colour plane of the image (edges repeated) and has stride 2:
//   channels  0..15  Gabor on luminance: wavelength 4 and 7 pixels, even and odd phase, 4 directions
//   channels 16..19  edges on luminance: derivative of a Gaussian in x and y, Laplacian of a Gaussian (two sizes)
//   channels 20..23  blur: Gaussian of red, green, blue, and a wider one of luminance
//   channels 24..31  colour-opponent: red - green and blue - yellow, each as two blurs and two derivatives
// Neighbours are of one family, so that a group of GroupNorm is a family. Blurs sum to 1; all others
// sum to 0 and their absolute values to 1. There is no bias and no ReLU, as before a norm layer.

import { entryAt } from "../src/base/entry";
import type { Shape4 } from "./shapes";

type Plane = "luminance" | "red" | "green" | "blue" | "red - green" | "blue - yellow";
type Kernel = (x: number, y: number) => number;

export interface Filter {
  name: string;
  plane: Plane;
  taps: Float32Array;
}

const RADIUS = 3;
const WIDTH = 2 * RADIUS + 1;
const STRIDE = 2;

const MIX: Record<Plane, readonly [number, number, number]> = {
  luminance: [0.2126, 0.7152, 0.0722],
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
  "red - green": [1, -1, 0],
  "blue - yellow": [-0.5, -0.5, 1],
};

const gaussian =
  (sigma: number): Kernel =>
  (x, y) =>
    Math.exp(-(x * x + y * y) / (2 * sigma * sigma));

const slope =
  (axis: "x" | "y"): Kernel =>
  (x, y) =>
    (axis === "x" ? x : y) * gaussian(1.2)(x, y);

const laplacian =
  (sigma: number): Kernel =>
  (x, y) =>
    (2 - (x * x + y * y) / (sigma * sigma)) * gaussian(sigma)(x, y);

function gabor(wavelength: number, phase: number, degrees: number): Kernel {
  const angle = (degrees * Math.PI) / 180;
  return (x, y) => {
    const along = x * Math.cos(angle) + y * Math.sin(angle);
    return Math.cos((2 * Math.PI * along) / wavelength + phase) * gaussian(wavelength / 2.5)(x, y);
  };
}

function sample(kernel: Kernel, kind: "blur" | "difference"): Float32Array {
  const taps = new Float64Array(WIDTH * WIDTH);
  for (let y = -RADIUS; y <= RADIUS; y++) {
    for (let x = -RADIUS; x <= RADIUS; x++) taps[(y + RADIUS) * WIDTH + x + RADIUS] = kernel(x, y);
  }
  if (kind === "difference") {
    const mean = taps.reduce((a, b) => a + b) / taps.length;
    for (const [i, tap] of taps.entries()) taps[i] = tap - mean;
  }
  const size = taps.reduce((a, b) => a + Math.abs(b), 0);
  return Float32Array.from(taps, (t) => t / size);
}

function gabors(): Filter[] {
  const filters: Filter[] = [];
  for (const wavelength of [4, 7]) {
    for (const phase of ["even", "odd"] as const) {
      for (const degrees of [0, 45, 90, 135]) {
        const kernel = gabor(wavelength, phase === "even" ? 0 : Math.PI / 2, degrees);
        const name = `Gabor, ${phase}, ${wavelength} px, ${degrees}°`;
        filters.push({ name, plane: "luminance", taps: sample(kernel, "difference") });
      }
    }
  }
  return filters;
}

function opponents(plane: Plane): Filter[] {
  return [
    { name: `${plane}, fine`, plane, taps: sample(gaussian(1), "blur") },
    { name: `${plane}, coarse`, plane, taps: sample(gaussian(2), "blur") },
    { name: `${plane}, edge in x`, plane, taps: sample(slope("x"), "difference") },
    { name: `${plane}, edge in y`, plane, taps: sample(slope("y"), "difference") },
  ];
}

const blur = (plane: Plane, sigma: number): Filter => ({
  name: `blur, ${plane}`,
  plane,
  taps: sample(gaussian(sigma), "blur"),
});

const edge = (name: string, kernel: Kernel): Filter => ({
  name,
  plane: "luminance",
  taps: sample(kernel, "difference"),
});

export const BANK: readonly Filter[] = [
  ...gabors(),
  edge("edge in x", slope("x")),
  edge("edge in y", slope("y")),
  edge("spot, small", laplacian(1)),
  edge("spot, large", laplacian(1.8)),
  blur("red", 1),
  blur("green", 1),
  blur("blue", 1),
  blur("luminance", 2),
  ...opponents("red - green"),
  ...opponents("blue - yellow"),
];

/** [N, 3, H, W] -> [N, 32, ceil(H / 2), ceil(W / 2)] */
export function featureMaps(
  images: Float32Array,
  shape: Shape4,
): { data: Float32Array; shape: Shape4 } {
  const [n, , h, w] = shape;
  const outH = Math.ceil(h / STRIDE);
  const outW = Math.ceil(w / STRIDE);
  const data = new Float32Array(n * BANK.length * outH * outW);
  let start = 0;
  for (let i = 0; i < n; i++) {
    const rgb = images.subarray(i * 3 * h * w, (i + 1) * 3 * h * w);
    const planes = new Map<Plane, Float32Array>();
    for (const filter of BANK) {
      const plane = planes.get(filter.plane) ?? padded(rgb, filter.plane, h, w);
      planes.set(filter.plane, plane);
      convolve(plane, h, w, filter.taps, data.subarray(start));
      start += outH * outW;
    }
  }
  return { data, shape: [n, BANK.length, outH, outW] };
}

/** One colour plane with its edges repeated, so that the convolution needs no bounds checks. */
function padded(rgb: Float32Array, plane: Plane, h: number, w: number): Float32Array {
  const [r, g, b] = MIX[plane];
  const size = h * w;
  const at = (k: number) => entryAt(rgb, k);
  const width = w + 2 * RADIUS;
  const out = new Float32Array((h + 2 * RADIUS) * width);
  for (let y = 0; y < h + 2 * RADIUS; y++) {
    const row = Math.min(h - 1, Math.max(0, y - RADIUS)) * w;
    for (let x = 0; x < width; x++) {
      const k = row + Math.min(w - 1, Math.max(0, x - RADIUS));
      out[y * width + x] = r * at(k) + g * at(size + k) + b * at(2 * size + k);
    }
  }
  return out;
}

function convolve(
  x: Float32Array,
  h: number,
  w: number,
  taps: Float32Array,
  y: Float32Array,
): void {
  const width = w + 2 * RADIUS;
  let o = 0;
  for (let r = 0; r < h; r += STRIDE) {
    for (let c = 0; c < w; c += STRIDE) {
      let sum = 0;
      for (let i = 0; i < WIDTH; i++) {
        const row = (r + i) * width + c;
        for (let j = 0; j < WIDTH; j++) sum += entryAt(taps, i * WIDTH + j) * entryAt(x, row + j);
      }
      y[o++] = sum;
    }
  }
}
