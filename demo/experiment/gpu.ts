// The experiment on the GPU, by the library's forward and backward.

import { entryAt } from "../../src/base/entry";
import type { Context } from "../../src/index";
import { compile } from "./compile";
import { patchesOf, testSet, trainingBatch } from "./data";
import { CLASSES, type Digits } from "./digits";
import {
  batchAround,
  type Experiment,
  type LayerState,
  type PerNetwork,
  perNetwork,
  type Question,
  type Statistics,
  softmax,
} from "./experiment";
import { STEP_BYTES, type Step, wordsOf } from "./kernels";
import { createLanes, type Lanes } from "./lanes";
import { PIXELS } from "./pen";
import { readNetworks } from "./read_networks";
import { learningRateAt, OUTPUTS, SGD_MOMENTUM, type Spec } from "./spec";

/** The most steps of one submit: even a slow device answers soon. */
const STEPS_AT_ONCE = 8;

/** Compiles and makes an experiment; `tell` hears the share of this that is done. */
export async function createExperiment(
  context: Context,
  spec: Spec,
  tell: (share: number) => void = () => {},
): Promise<Experiment> {
  const kernels = await compile(context, spec, tell);
  return new GpuExperiment(context, spec, createLanes(context, spec, kernels, roomOf(spec)));
}

/** Rows of digits and steps are for training, then for the test, then for a question. */
function roomOf({ batch, seeds, testDigits }: Spec) {
  const test = { row: STEPS_AT_ONCE * seeds * batch, step: STEPS_AT_ONCE };
  const asked = { row: test.row + testDigits, step: test.step + testDigits / batch };
  return { test, asked, rows: asked.row + batch, steps: asked.step + 1 };
}

class GpuExperiment implements Experiment {
  readonly losses: PerNetwork<number>[] = [];
  readonly spec: Spec;
  readonly #context: Context;
  readonly #lanes: Lanes;
  readonly #room: ReturnType<typeof roomOf>;
  #begun = 0; // steps that are submitted

  constructor(context: Context, spec: Spec, lanes: Lanes) {
    this.spec = spec;
    this.#context = context;
    this.#lanes = lanes;
    this.#room = roomOf(spec);
    const { test, asked, steps } = this.#room;
    this.#writeDigits(test.row, testSet(spec));
    for (let step = test.step; step < steps; step++) {
      const row = step === asked.step ? asked.row : test.row + (step - test.step) * spec.batch;
      this.#writeStep(step, { row, seedRows: 0, learningRate: 0 });
    }
  }

  async train(steps: number): Promise<void> {
    const last = Math.min(this.spec.steps, this.#begun + steps);
    while (this.#begun < last) {
      const first = this.#begun;
      const count = Math.min(STEPS_AT_ONCE, last - first);
      this.#begun += count;
      for (let i = 0; i < count; i++) this.#prepareStep(i, first + i);
      this.#submit((pass) => {
        for (let i = 0; i < count; i++) this.#lanes.train(pass, i);
      });
      for (const { loss } of await this.#results(0, count)) this.losses.push(loss);
    }
  }

  async evaluate(statistics: Statistics): Promise<PerNetwork<number>> {
    const { test, asked } = this.#room;
    this.#submit((pass) => {
      for (let i = test.step; i < asked.step; i++) this.#lanes.evaluate(pass, i, statistics);
    });
    const results = await this.#results(test.step, asked.step - test.step);
    return perNetwork(this.spec, (kind, seed) => {
      const wrong = results.map(({ errors }) => entryAt(entryAt(errors, kind), seed));
      return wrong.reduce((a, b) => a + b) / this.spec.testDigits;
    });
  }

  async answers(picture: Float32Array, { statistics, neighbours }: Question) {
    const { spec } = this;
    const { row, step } = this.#room.asked;
    const pictures = batchAround(spec, picture, neighbours);
    this.#writeDigits(row, { pictures, labels: new Uint32Array(spec.batch) });
    this.#submit((pass) => this.#lanes.evaluate(pass, step, statistics));
    const { memory, layers } = this.#lanes;
    const { z } = entryAt(layers, layers.length - 1);
    const shape = [spec.kinds.length, spec.batch, spec.seeds, OUTPUTS];
    const logits = await memory.view(z.values, 0, shape).read();
    return perNetwork(spec, (kind, seed) => {
      const start = (kind * spec.batch * spec.seeds + seed) * OUTPUTS; // of example 0
      return softmax(logits.subarray(start), CLASSES);
    });
  }

  networks(): Promise<PerNetwork<readonly LayerState[]>> {
    return readNetworks(this.#lanes, this.spec);
  }

  destroy(): void {
    this.#lanes.destroy();
  }

  /** Draws the digits of a step for all seeds, and writes them where step `index` reads. */
  #prepareStep(index: number, step: number): void {
    const { batch, seeds } = this.spec;
    const row = index * seeds * batch;
    for (let seed = 0; seed < seeds; seed++) {
      this.#writeDigits(row + seed * batch, trainingBatch(this.spec, seed, step));
    }
    const learningRate = learningRateAt(this.spec, step);
    this.#writeStep(index, { row, seedRows: batch, learningRate });
  }

  #writeDigits(row: number, { pictures, labels }: Digits): void {
    const { queue } = this.#context.device;
    const patches = patchesOf(this.spec, pictures);
    queue.writeBuffer(this.#lanes.pictures, 4 * row * PIXELS, patches);
    queue.writeBuffer(this.#lanes.labels, 4 * row, labels);
  }

  #writeStep(index: number, step: Omit<Step, "momentum" | "result">): void {
    const words = wordsOf({ ...step, result: index, momentum: SGD_MOMENTUM });
    this.#context.device.queue.writeBuffer(this.#lanes.steps, index * STEP_BYTES, words);
  }

  #submit(record: (pass: GPUComputePassEncoder) => void): void {
    const { device } = this.#context;
    const encoder = device.createCommandEncoder({ label: "experiment" });
    const pass = encoder.beginComputePass({ label: "experiment" });
    record(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** Mean loss and number of errors of each network in these steps. */
  async #results(first: number, count: number) {
    const { kinds, seeds } = this.spec;
    const size = 2 * kinds.length * seeds;
    const shape = [count, kinds.length, seeds, 2];
    const values = await this.#lanes.memory.view(this.#lanes.results, first * size, shape).read();
    return Array.from({ length: count }, (_, step) => {
      const of = (which: number) =>
        perNetwork(this.spec, (kind, seed) =>
          entryAt(values, step * size + 2 * (kind * seeds + seed) + which),
        );
      return { loss: of(0), errors: of(1) };
    });
  }
}
