// The norms of a language model's block, as Llama has them, in f16: every token goes through
//   sum = x + attention(...);  h = rmsNorm(sum) * weight
//   x' = sum + mlp(h);         ...
// A prepared operation adds the residual and norms in one pass. It allocates, compiles and uploads
// nothing when it is recorded, and lies in the model's own compute pass.

import { prepare, rmsNorm } from "webgpu-norm";

/**
 * @typedef {import("webgpu-norm").Tensor} Tensor
 *
 * @typedef {object} Norms
 * @property {(pass: GPUComputePassEncoder, tensors: { x: Tensor, residual: Tensor, y: Tensor, weight: Tensor }) => void} encode
 *   y = rmsNorm(x + residual) weight; the sum takes the place of the residual
 * @property {() => void} destroy
 */

/**
 * Prepares the norm that all layers share: their weights come with each recording.
 *
 * @param {import("webgpu-norm").Context} context
 * @param {{ tokens: number, width: number, eps?: number }} sizes
 * @returns {Norms}
 */
export function prepareNorms(context, { tokens, width, eps = 1e-5 }) {
  const shape = [tokens, width];
  const f16 = /** @type {const} */ ("f16");
  const norm = prepare(context, rmsNorm, {
    ...{ shape, inputType: f16, dtype: f16, eps },
    normalizedShape: [width],
    weight: { shape: [width], dtype: f16 },
    residual: { shape, dtype: f16 },
    residualOut: true,
    inPlace: { sum: "residual" },
    out: true,
  });
  return {
    encode: (pass, { x, residual, y, weight }) => norm.encode(pass, { x, residual, y, weight }),
    destroy: () => norm.destroy(),
  };
}
