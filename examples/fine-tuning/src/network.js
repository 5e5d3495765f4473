// The network, as python/network.py has it: three convolutions with GroupNorm and ReLU, the mean of
// each channel, a linear layer. Its state dictionary has PyTorch's names and shapes.

import { logSoftmax, logSoftmaxBackward } from "webgpu-norm";
import * as nn from "webgpu-norm/nn";
import { CLASSES, SIDE } from "./digits.js";
import { Convolution, Linear, MeanPool } from "./layers.js";

/** @typedef {import("webgpu-norm").Tensor} Tensor */
/** @typedef {import("./layers.js").Parameter} Parameter */
/** @typedef {import("./safetensors.js").State} State */
/** @typedef {"all" | "norms" | "classifier"} Part of the parameters, to be trained */

const LOGITS = { axes: [1] };

/** @type {Record<Part, (layer: object, name: string) => boolean>} */
const PARTS = {
  all: () => true,
  norms: (layer) => layer instanceof nn.GroupNorm,
  classifier: (_, name) => name === "classifier",
};

export class Network {
  #context;
  /** @type {Map<string, nn.GroupNorm | Convolution | MeanPool>} by their names in PyTorch */
  #layers;
  /** @type {Tensor[]} what the layers gave */
  #kept = [];

  /** @param {import("webgpu-norm").Context} context @param {import("./kernels.js").Kernels} kernels */
  constructor(context, kernels) {
    const convolution = (
      /** @type {number} */ inChannels,
      /** @type {number} */ outChannels,
      stride = 1,
    ) =>
      new Convolution(context, kernels, { inChannels, outChannels, kernel: 3, stride, padding: 1 });
    const norm = (/** @type {number} */ groups, /** @type {number} */ channels) =>
      new nn.GroupNorm(context, groups, channels, { activation: "relu" }); // PyTorch's ReLU is in it
    this.#context = context;
    this.#layers = new Map(
      Object.entries({
        "features.0": convolution(1, 8),
        "features.1": norm(4, 8),
        "features.3": convolution(8, 16, 2),
        "features.4": norm(4, 16),
        "features.6": convolution(16, 32, 2),
        "features.7": norm(8, 32),
        pool: new MeanPool(context),
        classifier: new Linear(context, kernels, 32, CLASSES),
      }),
    );
  }

  /** The parameters of a part, by their names in PyTorch. @param {Part} [part] @returns {Map<string, Parameter>} */
  parameters(part = "all") {
    const layers = [...this.#layers].filter(([name, layer]) => PARTS[part](layer, name));
    return new Map(
      layers.flatMap(([layer, module]) =>
        module.namedParameters().map(([name, parameter]) => [`${layer}.${name}`, parameter]),
      ),
    );
  }

  /** Checks a whole state before any of it is loaded. @param {State} state */
  loadStateDict(state) {
    const parameters = this.parameters();
    const refuse = (/** @type {string} */ problem) => {
      throw new Error(`loadStateDict: ${problem}`);
    };
    for (const [name, { shape }] of parameters) {
      const expected = `[${shape.join(", ")}]`;
      const given = state[name]?.shape;
      if (!given) refuse(`${name} is missing, expected ${expected}`);
      else if (String(given) !== String(shape)) {
        refuse(`${name} has shape [${given.join(", ")}], expected ${expected}`);
      }
    }
    const unknown = Object.keys(state).find((name) => !parameters.has(name));
    if (unknown) refuse(`${unknown} is unexpected, expected ${[...parameters.keys()].join(", ")}`);
    for (const [name, layer] of this.#layers) layer.loadStateDict(state, { prefix: `${name}.` });
  }

  /** Reads the state, or its gradients. @param {"data" | "grad"} [what] @returns {Promise<State>} */
  async stateDict(what = "data") {
    const entries = [...this.parameters()].map(async ([name, parameter]) => {
      const data = await /** @type {Tensor} */ (parameter[what]).read();
      return [name, { shape: parameter.shape, data }];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /**
   * Returns logits, [count, CLASSES], which live until `release`.
   *
   * @param {Float32Array} images
   * @param {{ noGrad?: boolean }} [options]
   */
  forward(images, options) {
    const count = images.length / SIDE ** 2;
    let x = this.#keep(this.#context.tensor(images, [count, 1, SIDE, SIDE]));
    for (const layer of this.#layers.values()) x = this.#keep(layer.forward(x, options));
    return this.#keep(x.reshape([count, CLASSES]));
  }

  /**
   * Computes the mean cross-entropy and the gradients of a part, in `grad`. Resolves to the loss, and
   * does not wait for it.
   *
   * @param {import("./digits.js").Digits} digits
   * @param {Part} part
   * @returns {Promise<number>}
   */
  gradients({ images, labels }, part) {
    for (const layer of this.#layers.values()) layer.zeroGrad();
    const logits = this.forward(images);
    const logs = this.#keep(logSoftmax(logits, LOGITS));
    const count = labels.length;
    const slopes = new Float32Array(count * CLASSES);
    for (const [i, label] of labels.entries()) slopes[i * CLASSES + label] = -1 / count;
    const dLogs = this.#keep(this.#context.tensor(slopes, [count, CLASSES]));
    const { dx } = logSoftmaxBackward(dLogs, { ...LOGITS, x: logits });
    this.#backward(this.#keep(this.#keep(dx).reshape([count, CLASSES, 1, 1])), part);
    const loss = logs
      .read()
      .then((values) => values.reduce((sum, log, i) => sum + log * slopes[i], 0));
    this.release();
    return loss;
  }

  /** From the last layer down to the first one that is trained. @param {Tensor} dLogits @param {Part} part */
  #backward(dLogits, part) {
    const layers = [...this.#layers].map(([name, layer]) => ({
      layer,
      trained: PARTS[part](layer, name),
    }));
    const first = layers.findIndex(({ trained }) => trained);
    let dy = dLogits;
    for (let i = layers.length - 1; i >= first; i--) {
      const { layer, trained } = layers[i];
      const dx =
        layer instanceof Convolution
          ? layer.backward(dy, { parameters: trained, input: i > first })
          : layer.backward(dy);
      if (dx) dy = this.#keep(dx);
    }
  }

  /** Frees what the layers gave: work that is submitted keeps its arrays. */
  release() {
    for (const tensor of this.#kept.splice(0)) tensor.destroy();
  }

  destroy() {
    this.release();
    for (const layer of this.#layers.values()) layer.destroy();
  }

  /** @template {Tensor} T @param {T} tensor */
  #keep(tensor) {
    this.#kept.push(tensor);
    return tensor;
  }
}
