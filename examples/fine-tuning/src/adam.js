// Adam over the parameters of modules: on their `data` and `grad`, wherever they come from.

import { uniformOf } from "./kernels.js";

const BETAS = [0.9, 0.999];

export class Adam {
  #context;
  #parameters;
  #rate;
  #run;
  #steps = 0;

  /**
   * @param {import("webgpu-norm").Context} context
   * @param {import("./kernels.js").Kernels} kernels
   * @param {Iterable<import("./layers.js").Parameter>} parameters
   * @param {number} rate
   */
  constructor(context, kernels, parameters, rate) {
    this.#context = context;
    this.#rate = rate;
    this.#run = kernels;
    this.#parameters = Array.from(parameters, (parameter) => {
      const averages = context.tensor(new Float32Array(2 * parameter.data.size), [
        parameter.data.size,
        2,
      ]);
      return { parameter, averages };
    });
  }

  step() {
    this.#steps++;
    for (const { parameter, averages } of this.#parameters) {
      const { data, grad } = parameter;
      if (!grad)
        throw new Error("Adam.step: a parameter has no gradient, expected a backward before");
      const words = new Uint32Array(4);
      words[0] = data.size;
      const corrections = BETAS.map((beta) => 1 - beta ** this.#steps);
      new Float32Array(words.buffer).set([this.#rate, ...corrections], 1);
      const uniform = uniformOf(this.#context.device, words);
      this.#run("descend", data.size, uniform, { 1: grad, 2: averages, 3: data });
      uniform.destroy(); // the work is submitted
    }
  }

  destroy() {
    for (const { averages } of this.#parameters) averages.destroy();
  }
}
