// A stand-in for a language model: layers of two norms and two matrix products, whose kernel is the
// model's own. All of them lie in one compute pass.

import { prepareNorms } from "./block.js";

/** @typedef {import("webgpu-norm").Tensor} Tensor */

/** Two halves are a word, so that the kernel needs no feature of the device. */
const MATRIX_PRODUCT = `
@group(0) @binding(0) var<storage, read> h: array<u32>;
@group(0) @binding(1) var<storage, read> weight: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
override WIDTH: u32;

fn row(token: u32, unit: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < WIDTH / 2u; i++) {
    let a = unpack2x16float(h[token * (WIDTH / 2u) + i]);
    let b = unpack2x16float(weight[unit * (WIDTH / 2u) + i]);
    sum += dot(a, b);
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < WIDTH / 2u) {
    let pair = vec2f(row(id.y, 2u * id.x), row(id.y, 2u * id.x + 1u));
    y[id.y * (WIDTH / 2u) + id.x] = pack2x16float(pair);
  }
}`;

/**
 * @typedef {object} Layer
 * @property {Float32Array} scale of the norm
 * @property {Float32Array} matrix width x width, a row a unit
 */

/**
 * Makes the model on the GPU. `step` records and submits all layers for the tokens in x: x and its
 * residual are overwritten, and the result is y.
 *
 * @param {import("webgpu-norm").Context} context
 * @param {{ tokens: number, width: number, layers: readonly Layer[] }} options
 */
export function createModel(context, { tokens, width, layers }) {
  const { device } = context;
  const halves = (/** @type {Float32Array} */ values, /** @type {number[]} */ shape) =>
    context.tensor(values, shape, { dtype: "f16" });
  const empty = () => context.empty([tokens, width], { dtype: "f16" });
  const norms = prepareNorms(context, { tokens, width });
  const pipeline = device.createComputePipeline({
    label: "matrix product",
    layout: "auto",
    compute: {
      module: device.createShaderModule({ code: MATRIX_PRODUCT }),
      constants: { WIDTH: width },
    },
  });
  const [x, residual, y] = [empty(), empty(), empty()];
  const stages = layers.map(({ scale, matrix }) => {
    const weight = halves(scale, [width]);
    const buffers = [y, halves(matrix, [width, width]), x].map(({ buffer }) => ({ buffer }));
    const entries = buffers.map((resource, binding) => ({ binding, resource }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { weight, group };
  });

  /** Records all layers: sum = x + residual, y = rmsNorm(sum) scale, x = y matrix. */
  const encode = (/** @type {GPUComputePassEncoder} */ pass) => {
    for (const { weight, group } of stages) {
      norms.encode(pass, { x, residual, y, weight });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(Math.ceil(width / 128), tokens);
    }
  };
  return {
    ...{ x, residual, y, encode },
    step: () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encode(pass);
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
  };
}

/**
 * The same in float64, for comparison. Returns x and the residual after all layers.
 *
 * @param {ArrayLike<number>} input
 * @param {{ tokens: number, width: number, layers: readonly Layer[], eps?: number }} options
 */
export function reference(input, { tokens, width, layers, eps = 1e-5 }) {
  let x = Float64Array.from(input);
  let residual = new Float64Array(x.length);
  for (const { scale, matrix } of layers) {
    residual = residual.map((value, i) => value + x[i]);
    const next = new Float64Array(x.length);
    for (let token = 0; token < tokens; token++) {
      const sum = residual.subarray(token * width, (token + 1) * width);
      const square = sum.reduce((total, value) => total + value * value, 0) / width;
      const h = sum.map((value, i) => (value / Math.sqrt(square + eps)) * scale[i]);
      for (let unit = 0; unit < width; unit++) {
        for (let i = 0; i < width; i++) {
          next[token * width + unit] += h[i] * matrix[unit * width + i];
        }
      }
    }
    x = next;
  }
  return { x, residual };
}
