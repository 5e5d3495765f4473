// A fine-tuning begins with a checkpoint, and goes on to digits of a new style. It knows no page.

import { Adam } from "./adam.js";
import { CLASSES, drawDigits } from "./digits.js";
import { Network } from "./network.js";

/** @typedef {import("./digits.js").Style} Style */
/** @typedef {import("./network.js").Part} Part */
/** @typedef {{ accuracy: number, answers: Uint8Array, logits: Float32Array }} Score of held-out digits; accuracy from 0 to 1 */

export const STEPS = 120;
const BATCH = 32;
const HELD_OUT = 500;

/** Seeds of the digits: those of a batch are its step's. */
const SEEDS = { heldOut: 1_000_000, batches: 2_000_000 };

/** Few numbers go further at a time. @type {Record<Part, number>} */
const RATES = { all: 3e-3, norms: 3e-2, classifier: 3e-2 };

/** @param {Style} style */
export const heldOut = (style) => drawDigits(SEEDS.heldOut, HELD_OUT, style);

/** @param {number} step @param {Style} style */
export const batchOf = (step, style) => drawDigits(SEEDS.batches + step, BATCH, style);

export class FineTuning {
  #optimizer;
  #steps = 0;

  /**
   * @param {import("webgpu-norm").Context} context
   * @param {import("./kernels.js").Kernels} kernels
   * @param {import("./safetensors.js").State} checkpoint
   * @param {{ style: Style, part: Part }} options
   */
  constructor(context, kernels, checkpoint, { style, part }) {
    this.style = style;
    this.part = part;
    this.network = new Network(context, kernels);
    try {
      this.network.loadStateDict(checkpoint);
    } catch (error) {
      this.network.destroy();
      throw error;
    }
    const parameters = this.network.parameters(part).values();
    this.rate = RATES[part];
    this.#optimizer = new Adam(context, kernels, parameters, this.rate);
  }

  get steps() {
    return this.#steps;
  }

  /** Resolves to the loss of the batch, before the step. */
  step() {
    const loss = this.network.gradients(batchOf(this.#steps++, this.style), this.part);
    this.#optimizer.step();
    return loss;
  }

  /** Asks the network about digits. @param {import("./digits.js").Digits} digits @returns {Promise<Score>} */
  async score({ images, labels }) {
    const reading = this.network.forward(images, { noGrad: true }).read();
    this.network.release();
    const logits = await reading;
    const answers = Uint8Array.from(labels, (_, i) => {
      const row = logits.subarray(i * CLASSES, (i + 1) * CLASSES);
      return row.indexOf(Math.max(...row));
    });
    const right = answers.filter((answer, i) => answer === labels[i]).length;
    return { accuracy: right / labels.length, answers, logits };
  }

  destroy() {
    this.#optimizer.destroy();
    this.network.destroy();
  }
}
