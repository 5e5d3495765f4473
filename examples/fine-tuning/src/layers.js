// The layers that are not modules of the library. They have the methods of those, so that a network
// need not know which is which.

import { mean, meanBackward } from "webgpu-norm";
import { uniformOf } from "./kernels.js";

/** @typedef {import("webgpu-norm").Context} Context */
/** @typedef {import("webgpu-norm").Tensor} Tensor */
/** @typedef {import("./safetensors.js").State} State */
/** @typedef {{ readonly shape: readonly number[], readonly data: Tensor, grad: Tensor | null }} Parameter as the library's */

/** @param {Tensor | null} x */
function inputOf(x) {
  if (!x) throw new Error("backward: no input is kept, expected a forward before");
  return x;
}

/** Parameters with their gradients, by PyTorch's names. */
class Layer {
  /** @type {Map<string, Parameter>} */ #parameters;

  /** @param {Context} context @param {Record<string, readonly number[]>} shapes */
  constructor(context, shapes) {
    this.context = context;
    this.#parameters = new Map(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        { shape, data: context.empty(shape), grad: null },
      ]),
    );
  }

  namedParameters() {
    return [...this.#parameters];
  }

  /** @param {State} state whose shapes suit @param {{ prefix: string }} options */
  loadStateDict(state, { prefix }) {
    const { queue } = this.context.device;
    for (const [name, { data }] of this.#parameters) {
      const values = /** @type {Float32Array<ArrayBuffer>} */ (state[prefix + name]?.data);
      queue.writeBuffer(data.buffer, 0, values);
    }
  }

  zeroGrad() {
    for (const parameter of this.#parameters.values()) {
      parameter.grad?.destroy();
      parameter.grad = null;
    }
  }

  destroy() {
    this.zeroGrad();
    for (const { data } of this.#parameters.values()) data.destroy();
  }

  /** @protected @param {string} name */
  parameter(name) {
    return /** @type {Parameter} */ (this.#parameters.get(name));
  }
}

/** @typedef {{ inChannels: number, outChannels: number, kernel: number, stride: number, padding: number }} Sizes */

/** PyTorch's Conv2d of square pictures, without a bias. */
export class Convolution extends Layer {
  #run;
  /** @protected @type {Sizes} */ sizes;
  /** @type {Tensor | null} */ #x = null;
  #noBias;

  /**
   * @param {Context} context
   * @param {import("./kernels.js").Kernels} run
   * @param {Sizes} sizes
   * @param {Record<string, readonly number[]>} [shapes]
   */
  constructor(context, run, sizes, shapes) {
    const { inChannels, outChannels, kernel } = sizes;
    super(context, shapes ?? { weight: [outChannels, inChannels, kernel, kernel] });
    this.#run = run;
    this.sizes = sizes;
    this.#noBias = context.tensor(new Float32Array(outChannels), [outChannels]);
  }

  /** @param {Tensor} x [examples, inChannels, side, side] @param {{ noGrad?: boolean }} [options] */
  forward(x, { noGrad = false } = {}) {
    const { kernel, stride, padding, outChannels } = this.sizes;
    const [examples = 0, , side = 0] = x.shape;
    const outSide = Math.floor((side + 2 * padding - kernel) / stride) + 1;
    const y = this.context.empty([examples, outChannels, outSide, outSide]);
    const bias = this.parameter("bias")?.data ?? this.#noBias;
    this.#compute("forward", y, { 1: x, 2: this.parameter("weight").data, 3: bias }, [x, y]);
    this.#x = noGrad ? null : x;
    return y;
  }

  /**
   * Returns dx, and puts the gradients of the parameters into `grad`: what is wanted of these.
   *
   * @param {Tensor} dy
   * @param {{ input: boolean, parameters: boolean }} wanted
   */
  backward(dy, { input, parameters }) {
    const x = inputOf(this.#x);
    for (const [name, parameter] of parameters ? this.namedParameters() : []) {
      parameter.grad ??= this.context.empty(parameter.shape);
      if (name === "weight") {
        this.#compute("weightGradient", parameter.grad, { 1: x, 4: dy }, [x, dy]);
      } else this.#compute("biasGradient", parameter.grad, { 4: dy }, [x, dy]);
    }
    if (!input) return null;
    const dx = this.context.empty(x.shape);
    const weight = this.parameter("weight").data;
    this.#compute("inputGradient", dx, { 2: weight, 4: dy }, [x, dy]);
    return dx;
  }

  /** @override */
  destroy() {
    super.destroy();
    this.#noBias.destroy();
  }

  /**
   * @param {"forward" | "inputGradient" | "weightGradient" | "biasGradient"} name
   * @param {Tensor} result
   * @param {Record<number, Tensor>} tensors by their bindings
   * @param {[x: Tensor, y: Tensor]} ends
   */
  #compute(name, result, tensors, [x, y]) {
    const { inChannels, outChannels, kernel, stride, padding } = this.sizes;
    const [examples = 0, , inSide = 0] = x.shape;
    const [, , outSide = 0] = y.shape;
    const words = [examples, inChannels, inSide, outChannels, outSide, kernel, stride, padding];
    const uniform = uniformOf(this.context.device, Uint32Array.from(words));
    this.#run(name, result.size, uniform, { ...tensors, 5: result });
    uniform.destroy(); // the work is submitted
  }
}

/** PyTorch's Linear: a convolution from one pixel to one pixel, with a bias. */
export class Linear extends Convolution {
  /** @param {Context} context @param {import("./kernels.js").Kernels} run @param {number} inChannels @param {number} outChannels */
  constructor(context, run, inChannels, outChannels) {
    const sizes = { inChannels, outChannels, kernel: 1, stride: 1, padding: 0 };
    super(context, run, sizes, { weight: [outChannels, inChannels], bias: [outChannels] });
  }
}

/** The mean of each channel, PyTorch's AdaptiveAvgPool2d(1), by the library's statistics. */
export class MeanPool extends Layer {
  /** @type {Tensor | null} */ #x = null;

  /** @param {Context} context */
  constructor(context) {
    super(context, {});
  }

  /** @param {Tensor} x @param {{ noGrad?: boolean }} [options] */
  forward(x, { noGrad = false } = {}) {
    this.#x = noGrad ? null : x;
    return mean(x, { axes: [2, 3], keepdim: true });
  }

  /** @param {Tensor} dy */
  backward(dy) {
    const x = inputOf(this.#x);
    return meanBackward(dy, { x, axes: [2, 3], keepdim: true }).dx;
  }
}
