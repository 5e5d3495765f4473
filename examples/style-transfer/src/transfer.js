// AdaIN (Huang and Belongie 2017): y = (x - mean(x)) / deviation(x) * deviation(style) + mean(style),
// for each channel. It is `instanceNorm` with the style's statistics as weight and bias.

import { instanceNorm, mean, normalizeImage, std } from "webgpu-norm";

const PIXELS = { axes: [0, 2, 3] };

/** @typedef {import("webgpu-norm").Context} Context */
/** @typedef {import("webgpu-norm").Tensor} Tensor */
/** @typedef {{ mean: Float32Array, deviation: Float32Array }} Style of each channel */

/** An image of values from 0 to 1. @param {Context} context @param {ImageBitmap} image */
export const tensorOf = (context, image) => normalizeImage(image, { context });

/** @param {Tensor} image @returns {Promise<Style>} */
export async function styleOf(image) {
  const [m, deviation] = [mean(image, PIXELS), std(image, { ...PIXELS, correction: 0 })];
  const read = await Promise.all([m.read(), deviation.read()]);
  m.destroy();
  deviation.destroy();
  return { mean: read[0], deviation: read[1] };
}

/** A style between two: at 0 the first one. @param {Style} a @param {Style} b @param {number} strength */
export function between(a, b, strength) {
  const mix = (/** @type {Float32Array} */ from, /** @type {Float32Array} */ to) =>
    from.map((value, i) => value + strength * ((to[i] ?? 0) - value));
  return { mean: mix(a.mean, b.mean), deviation: mix(a.deviation, b.deviation) };
}

/**
 * Gives an image a style.
 *
 * @param {Context} context
 * @param {Tensor} image
 * @param {Style} style
 */
export function transfer(context, image, { mean: bias, deviation: weight }) {
  const [scale, shift] = [context.tensor(weight, [3]), context.tensor(bias, [3])];
  const y = instanceNorm(image, { weight: scale, bias: shift, eps: 1e-8 });
  scale.destroy(); // the work is submitted
  shift.destroy();
  return y;
}
