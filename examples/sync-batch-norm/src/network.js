// A small network learns two rings apart: a linear layer, SyncBatchNorm with ReLU on the GPU, a linear
// layer. It does not know whether its group is one machine or four, Node or tabs. Its linear layers
// are loops on the host: they are not what this is about.

import * as nn from "webgpu-norm/nn";

const HIDDEN = 16;
const RATE = 0.1;

/** @typedef {import("webgpu-norm").Group} Group */
/** @typedef {{ x: Float32Array, label: Float32Array }} Batch two coordinates and a label a point */

/** Makes numbers in [0, 1), the same on every machine: mulberry32. */
function random(seed = 1) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Returns the points of a step that are this rank's: the first rank has more than the last.
 *
 * @param {number} step
 * @param {Pick<Group, "rank" | "size">} group
 * @returns {Batch}
 */
export function batchOf(step, { rank, size }) {
  const next = random(step + 1);
  const points = Array.from({ length: 48 }, (_, i) => {
    const [radius, angle] = [i % 2 ? 3 : 1, 2 * Math.PI * next()];
    return [100 + radius * Math.cos(angle), 0.2 * radius * Math.sin(angle), i % 2];
  });
  const parts = [0, 0.4, 0.7, 0.9, 1]; // of four ranks
  const [from, to] = size === 1 ? [0, 1] : [parts[rank], parts[rank + 1]];
  const own = points.slice(Math.round(48 * from), Math.round(48 * to));
  return {
    x: Float32Array.from(own.flatMap((point) => point.slice(0, 2))),
    label: Float32Array.from(own, ([, , label]) => label),
  };
}

/**
 * Adds vectors of all ranks, in rank order: every rank gets the same bits.
 *
 * @param {Group} group
 * @param {Float64Array} own
 * @param {{ round: string, timeout: number }} options
 */
async function sumOver(group, own, { round, timeout }) {
  const bytes = new Uint8Array(own.slice().buffer);
  const all = await group.allGather(bytes, { round, signal: AbortSignal.timeout(timeout) });
  all.forEach(({ length }, rank) => {
    if (length === bytes.length) return;
    throw new Error(`rank ${rank} sent ${length} bytes, expected ${bytes.length}`);
  });
  const parts = all.map((part) => new Float64Array(part.slice().buffer));
  return own.map((_, i) => parts.reduce((sum, part) => sum + part[i], 0));
}

/** @type {Group} one machine is a group, too */
export const alone = { rank: 0, size: 1, allGather: async (bytes) => [bytes] };

/**
 * Trains, and yields the loss of the whole batch after each step. The ranks of a group yield the same
 * bits; those of another size the same loss, to the rounding of f32.
 *
 * @param {import("webgpu-norm").Context} context
 * @param {Group} group
 * @param {{ steps: number, timeout?: number }} options
 */
export async function* train(context, group, { steps, timeout = 30_000 }) {
  const norm = new nn.SyncBatchNorm(context, HIDDEN, { group, activation: "relu", timeout });
  const next = random(99);
  const uniform = (/** @type {number} */ n) => Float64Array.from({ length: n }, () => next() - 0.5);
  const first = uniform(2 * HIDDEN);
  const last = uniform(HIDDEN + 1); // the last one is the bias
  const scales = new Float64Array(2 * HIDDEN).fill(1, 0, HIDDEN); // the norm's weight and bias

  for (let step = 0; step < steps; step++) {
    const { x, label } = batchOf(step, group);
    const points = label.length;
    const hidden = new Float32Array(points * HIDDEN);
    for (let i = 0; i < hidden.length; i++) {
      const [point, unit] = [2 * Math.floor(i / HIDDEN), i % HIDDEN];
      hidden[i] = x[point] * first[unit] + x[point + 1] * first[HIDDEN + unit];
    }
    const input = context.tensor(hidden, [points, HIDDEN]);
    const output = await norm.forward(input);
    const y = await output.read();

    // gradients of the mean loss over the whole batch of 48; the last entry is the loss
    const sums = new Float64Array(2 * HIDDEN + HIDDEN + 1 + 2 * HIDDEN + 1);
    const dy = new Float32Array(y.length);
    const atLast = 2 * HIDDEN;
    for (let point = 0; point < points; point++) {
      let logit = last[HIDDEN];
      for (let unit = 0; unit < HIDDEN; unit++) logit += y[point * HIDDEN + unit] * last[unit];
      const probability = 1 / (1 + Math.exp(-logit));
      const slope = (probability - label[point]) / 48;
      sums[sums.length - 1] -= Math.log(label[point] ? probability : 1 - probability) / 48;
      for (let unit = 0; unit < HIDDEN; unit++) {
        sums[atLast + unit] += slope * y[point * HIDDEN + unit];
        dy[point * HIDDEN + unit] = slope * last[unit];
      }
      sums[atLast + HIDDEN] += slope;
    }
    const upstream = context.tensor(dy, [points, HIDDEN]);
    const back = await norm.backward(upstream);
    const dx = await back.read();
    for (let i = 0; i < dx.length; i++) {
      const [point, unit] = [2 * Math.floor(i / HIDDEN), i % HIDDEN];
      sums[unit] += dx[i] * x[point];
      sums[HIDDEN + unit] += dx[i] * x[point + 1];
    }
    const atScales = atLast + HIDDEN + 1;
    const grads = [norm.weight, norm.bias].map((parameter) => parameter?.grad?.read());
    const [dWeight, dBias] = await Promise.all(grads);
    if (dWeight && dBias) {
      sums.set(dWeight, atScales);
      sums.set(dBias, atScales + HIDDEN);
    }
    norm.zeroGrad();
    for (const tensor of [input, output, upstream, back]) tensor.destroy();

    const all = await sumOver(group, sums, { round: `gradients ${step}`, timeout });
    const descend = (/** @type {Float64Array} */ values, /** @type {number} */ at) =>
      values.forEach((value, i) => {
        values[i] = value - RATE * all[at + i];
      });
    descend(first, 0);
    descend(last, atLast);
    descend(scales, atScales);
    norm.loadStateDict(
      { weight: scales.slice(0, HIDDEN), bias: scales.slice(HIDDEN) },
      { strict: false },
    );
    yield all[all.length - 1];
  }
  norm.destroy();
}
