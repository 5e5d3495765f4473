// Each of the experiment's own kernels is compared with float64, on every lane. A sum of n products
// in f32 is off by at most n + 1 roundings of the sum of their magnitudes, in whatever order it is
// made.

import { expect } from "vitest";
import { convolve, inputGradient, weightGradient } from "../../demo/experiment/float64/convolution";
import { createKernel, type KernelName, wordsOf } from "../../demo/experiment/kernels";
import { wordsOfLayer } from "../../demo/experiment/layer_lanes";
import { createMemory } from "../../demo/experiment/memory";
import { CONV, type Layer, MLP, OUTPUTS, type Spec } from "../../demo/experiment/spec";
import { weightCount } from "../../demo/experiment/weights";
import type { Context } from "../../src/index";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const [KINDS, SEEDS, BATCH] = [2, 3, 8];
const spec: Spec = { ...MLP, batch: BATCH, seeds: SEEDS };
const STEP = { row: 4, seedRows: 8, result: 1, learningRate: 0.1, momentum: 0.9 };

/** Runs a kernel once on these arrays, and reads them all. */
async function run(
  ctx: Context,
  name: KernelName,
  {
    index,
    layer,
    arrays,
    invocations,
  }: {
    index: number;
    layer: Layer;
    arrays: (Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>)[];
    invocations: number;
  },
): Promise<Float32Array[]> {
  const memory = createMemory(ctx);
  const kernel = await createKernel(ctx.device, name);
  const buffers = arrays.map((data, i) => memory.storage(`array ${i}`, data));
  const recording = kernel.bind(
    {
      layer: memory.uniform("layer", wordsOfLayer(spec, index, layer)),
      steps: memory.uniform("step", wordsOf(STEP)),
      arrays: buffers,
    },
    [Math.ceil(invocations / 64), SEEDS, KINDS],
  );
  const encoder = ctx.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  recording(pass, 0);
  pass.end();
  ctx.device.queue.submit([encoder.finish()]);
  const read = buffers.map((buffer, i) => memory.view(buffer, 0, [arrays[i].length]).read());
  const values = await Promise.all(read);
  memory.destroy();
  return values as Float32Array[];
}

interface Lane {
  readonly kind: number;
  readonly seed: number;
}

const LANES: Lane[] = Array.from({ length: KINDS * SEEDS }, (_, i) => {
  return { kind: Math.floor(i / SEEDS), seed: i % SEEDS };
});

/** A lane's part of [kind][example][pixel][seed][channel]. */
function activationOf(values: Float32Array, { kind, seed }: Lane, side: number, channels: number) {
  const count = BATCH * side ** 2; // examples and pixels
  return Float64Array.from({ length: count * channels }, (_, i) => {
    const row = kind * count + Math.floor(i / channels);
    return values[(row * SEEDS + seed) * channels + (i % channels)];
  });
}

/** A lane's rows of the digits. */
function digitsOf(values: Float32Array, { seed }: Lane, { inSide, inChannels }: Layer) {
  const size = inSide ** 2 * inChannels;
  const row = STEP.row + seed * STEP.seedRows;
  return new Float64Array(values.subarray(row * size, (row + BATCH) * size));
}

/** A lane's part of [kind][seed][...]. */
function weightsOf(values: Float32Array, { kind, seed }: Lane, layer: Layer) {
  const [lane, count] = [kind * SEEDS + seed, weightCount(layer)];
  return new Float64Array(values.subarray(lane * count, (lane + 1) * count));
}

const magnitudes = (values: Float64Array) => values.map(Math.abs);

function expectNear(found: Float64Array, expected: Float64Array, tolerance: Float64Array): void {
  expect(found).toHaveLength(expected.length);
  const wrong = found.findIndex((value, i) => !(Math.abs(value - expected[i]) <= tolerance[i]));
  expect(wrong < 0 ? "none" : `${wrong}: ${found[wrong]}, ${expected[wrong]}`).toBe("none");
  expect(expected.some((value) => value !== 0)).toBe(true);
}

const sizeOf = (side: number, channels: number) => KINDS * SEEDS * BATCH * side ** 2 * channels;
const rowsOfDigits = STEP.row + SEEDS * STEP.seedRows;

/** The layers: dense, 3 x 3 with padding, with a stride, and 2 x 2; the first ones read digits. */
const LAYERS: [string, number, Layer][] = [
  ["dense layer of digits", 0, MLP.layers[0]],
  ["dense layer", 1, MLP.layers[2]],
  ["convolution of digits", 0, CONV.layers[0]],
  ["convolution with a stride", 1, CONV.layers[1]],
  ["convolution of 2 x 2", 3, CONV.layers[3]],
];

for (const [title, index, layer] of LAYERS) {
  const { inSide, inChannels, outSide, outChannels, kernel } = layer;
  test(`${title}: forward and gradients`, async ({ ctx }) => {
    const random = new Random(index + 1);
    const [first, count] = [index === 0, weightCount(layer)];
    const x = random.normals(
      first ? rowsOfDigits * inSide ** 2 * inChannels : sizeOf(inSide, inChannels),
    ) as Float32Array<ArrayBuffer>;
    const array = (length: number) => random.normals(length) as Float32Array<ArrayBuffer>;
    const weights = array(KINDS * SEEDS * count);
    const velocities = array(KINDS * SEEDS * count);
    const dz = array(sizeOf(outSide, outChannels));
    const empty = (length: number) => new Float32Array(length);
    const quads = (side: number, channels: number) => (BATCH / 4) * side ** 2 * (channels / 4);

    const [, , z] = await run(ctx, "forward", {
      index,
      layer,
      arrays: [x, weights, empty(dz.length)],
      invocations: quads(outSide, outChannels),
    });
    const dx = first
      ? undefined
      : (
          await run(ctx, "inputGradient", {
            index,
            layer,
            arrays: [dz, weights, empty(x.length)],
            invocations: quads(inSide, inChannels),
          })
        )[2];
    const [, , trained, moved] = await run(ctx, "weightGradient", {
      index,
      layer,
      arrays: [x, dz, weights, velocities],
      invocations: count / 16,
    });

    for (const lane of LANES) {
      const own = {
        x: first ? digitsOf(x, lane, layer) : activationOf(x, lane, inSide, inChannels),
        dz: activationOf(dz, lane, outSide, outChannels),
        weights: weightsOf(weights, lane, layer),
        velocities: weightsOf(velocities, lane, layer),
      };
      const off = (terms: number, sum: Float64Array) => sum.map((v) => (terms + 1) * UNIT * v);
      const absolute = {
        x: magnitudes(own.x),
        dz: magnitudes(own.dz),
        weights: magnitudes(own.weights),
      };
      expectNear(
        activationOf(z, lane, outSide, outChannels),
        convolve(layer, BATCH, own.x, own.weights),
        off(kernel ** 2 * inChannels, convolve(layer, BATCH, absolute.x, absolute.weights)),
      );
      if (dx) {
        expectNear(
          activationOf(dx, lane, inSide, inChannels),
          inputGradient(layer, BATCH, own.dz, own.weights),
          off(
            kernel ** 2 * outChannels,
            inputGradient(layer, BATCH, absolute.dz, absolute.weights),
          ),
        );
      }
      const gradient = weightGradient(layer, BATCH, own.x, own.dz);
      const velocity = gradient.map((g, i) => STEP.momentum * own.velocities[i] + g);
      const spread = weightGradient(layer, BATCH, absolute.x, absolute.dz);
      const ofVelocity = off(
        BATCH * outSide ** 2 + 2,
        spread.map((v, i) => v + Math.abs(own.velocities[i])),
      );
      expectNear(weightsOf(moved, lane, layer), velocity, ofVelocity);
      expectNear(
        weightsOf(trained, lane, layer),
        own.weights.map((w, i) => w - STEP.learningRate * velocity[i]),
        ofVelocity.map((v, i) => v + 2 * UNIT * Math.abs(own.weights[i])),
      );
    }
  });
}

test("loss: softmax cross-entropy, its gradient, and the number of errors", async ({ ctx }) => {
  const random = new Random(8);
  const layer = MLP.layers[2];
  const z = random.normals(sizeOf(1, OUTPUTS), 0, 5) as Float32Array<ArrayBuffer>;
  const labels = Uint32Array.from({ length: rowsOfDigits }, () => random.below(10));
  const results = new Float32Array(2 * 2 * KINDS * SEEDS); // step 0 stays
  const dz = new Float32Array(z.length).fill(7);
  const [, , gradients, found] = await run(ctx, "loss", {
    index: 2,
    layer,
    arrays: [z, labels, dz, results],
    invocations: 1,
  });
  expect([...found.subarray(0, 2 * KINDS * SEEDS)].every((value) => value === 0)).toBe(true);
  for (const lane of LANES) {
    const [logits, gradient] = [z, gradients].map((v) => activationOf(v, lane, 1, OUTPUTS));
    let [loss, errors] = [0, 0];
    for (let example = 0; example < BATCH; example++) {
      const label = labels[STEP.row + lane.seed * STEP.seedRows + example];
      const scores = [...logits.subarray(example * OUTPUTS, example * OUTPUTS + 10)];
      const sum = scores.reduce((total, v) => total + Math.exp(v), 0);
      loss += (Math.log(sum) - scores[label]) / BATCH;
      if (scores.indexOf(Math.max(...scores)) !== label) errors++;
      for (let c = 0; c < OUTPUTS; c++) {
        const p = c < 10 ? Math.exp(scores[c]) / sum : 0;
        const expected = (p - (c === label ? 1 : 0)) / BATCH;
        // exp is off by 3 + 2 |x| units (WGSL), and |x| is at most 40 here
        expect(Math.abs(gradient[example * OUTPUTS + c] - expected)).toBeLessThan(200 * UNIT);
      }
    }
    const at = 2 * (KINDS * SEEDS + lane.kind * SEEDS + lane.seed);
    expect(Math.abs(found[at] - loss)).toBeLessThan(200 * UNIT * Math.max(1, loss));
    expect(found[at + 1]).toBe(errors);
  }
});

test("momentum: one step for all norms, whatever the number of lanes", async ({ ctx }) => {
  const random = new Random(9);
  const count = 128; // two workgroups
  const array = () => random.normals(count) as Float32Array<ArrayBuffer>;
  const [gradients, parameters, velocities] = [array(), array(), array()];
  const memory = createMemory(ctx);
  const kernel = await createKernel(ctx.device, "momentum");
  const buffers = [gradients, parameters, velocities].map((data) => memory.storage("array", data));
  const layer = memory.uniform("layer", wordsOfLayer(spec, 2, MLP.layers[2]));
  const steps = memory.uniform("step", wordsOf(STEP));
  const recording = kernel.bind({ layer, steps, arrays: buffers }, [count / 64, 1, 1]);
  const encoder = ctx.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  recording(pass, 0);
  pass.end();
  ctx.device.queue.submit([encoder.finish()]);
  const [, trained, moved] = await Promise.all(
    buffers.map((buffer) => memory.view(buffer, 0, [count]).read()),
  );
  memory.destroy();
  for (let i = 0; i < count; i++) {
    const velocity = STEP.momentum * velocities[i] + gradients[i];
    const size = Math.abs(velocities[i]) + Math.abs(gradients[i]) + Math.abs(parameters[i]);
    expect(Math.abs(moved[i] - velocity)).toBeLessThan(3 * UNIT * size);
    const parameter = parameters[i] - STEP.learningRate * velocity;
    expect(Math.abs(trained[i] - parameter)).toBeLessThan(4 * UNIT * size);
  }
});
