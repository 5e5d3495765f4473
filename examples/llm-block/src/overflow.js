// Why the sums are f32: a sum of 1,024 squares of values around 11 is infinite in f16. The residual
// stream of a language model has larger ones.

import { rmsNorm } from "webgpu-norm";

/** Rounds to f16. @param {number} value */
export function half(value) {
  if (value === 0 || !Number.isFinite(value)) return value;
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value)))) - 10);
  const rounded = Math.round(value / step) * step;
  return Math.abs(rounded) > 65504 ? Math.sign(rounded) * Number.POSITIVE_INFINITY : rounded;
}

/** RMSNorm with all arithmetic in f16. @param {Float32Array} row */
function inHalves(row) {
  let sum = 0;
  for (const value of row) sum = half(sum + half(value * value));
  const factor = half(1 / Math.sqrt(half(sum / row.length)));
  return row.map((value) => half(value * factor));
}

/**
 * Returns the largest error of a row's RMSNorm at each size of values: of f16 sums and of the library.
 *
 * @param {import("webgpu-norm").Context} context
 * @param {readonly number[]} sizes
 */
export async function errorsAt(context, sizes, width = 1024) {
  return Promise.all(
    sizes.map(async (size) => {
      const row = Float32Array.from({ length: width }, (_, i) => half(size * Math.sin(1 + i)));
      const square = row.reduce((sum, value) => sum + value * value, 0) / width;
      const right = Array.from(row, (value) => value / Math.sqrt(square));
      const x = context.tensor(row, [1, width], { dtype: "f16" });
      const y = rmsNorm(x, { normalizedShape: [width], eps: 0 });
      const furthest = (/** @type {ArrayLike<number>} */ values) =>
        right.reduce((most, value, i) => Math.max(most, Math.abs(value - (values[i] ?? 0))), 0);
      return { size, halves: furthest(inHalves(row)), library: furthest(await y.read()) };
    }),
  );
}
