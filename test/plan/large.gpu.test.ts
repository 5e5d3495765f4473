// These tensors of 600 MiB run on a device whose bindings end at 128 MiB; the GPU fills them.
// Values are exact in f32, so that the test recomputes statistics in float64 from the index of
// each. Results are read at some places.

import { expect } from "vitest";
import {
  batchNorm,
  type Context,
  createContext,
  layerNorm,
  layerNormBackward,
  softmax,
  standardize,
  type Tensor,
} from "../../src/index";
import { test } from "../support/fixture";

const COUNT = 150 * 2 ** 20; // elements
const BYTES = 4 * COUNT;
const WINDOW = 2 ** 26; // bytes that the filling kernel writes at once
const USAGE = { copySrc: 4, copyDst: 8, uniform: 64, storage: 128 };

/**
 * The values are noise of 16 bits, and steps of 1/8 every 2^22 elements: a tile read twice or not
 * at all shows.
 */
const valueAt = (i: number) => (Math.imul(i, 0x9e3779b1) >>> 16) / 65536 + (i >>> 22) / 8;

const FILL = `
  @group(0) @binding(0) var<storage, read_write> output: array<vec4f>;
  @group(0) @binding(1) var<uniform> first: u32;
  @compute @workgroup_size(64)
  fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
    let at = id.x + id.y * grid.x * 64u;
    let i = first + 4u * at + vec4u(0u, 1u, 2u, 3u);
    output[at] = vec4f((i * 0x9e3779b1u) >> vec4u(16u)) / 65536.0 + vec4f(i >> vec4u(22u)) / 8.0;
  }`;

function fill(device: GPUDevice, buffer: GPUBuffer): void {
  const module = device.createShaderModule({ code: FILL });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  for (let offset = 0; offset < BYTES; offset += WINDOW) {
    const first = device.createBuffer({ size: 16, usage: USAGE.uniform | USAGE.copyDst });
    device.queue.writeBuffer(first, 0, Uint32Array.of(offset / 4));
    const size = Math.min(WINDOW, BYTES - offset);
    const resources = [{ buffer, offset, size }, { buffer: first }];
    const layout = pipeline.getBindGroupLayout(0);
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
    pass.dispatchWorkgroups(2 ** 8, size / (16 * 64 * 2 ** 8));
    pass.end();
    device.queue.submit([encoder.finish()]);
  }
}

interface Large {
  readonly ctx: Context;
  /** Returns the same elements under any shape. */
  of(shape: number[], first?: number): Tensor;
  readonly x: GPUBuffer;
  readonly y: GPUBuffer;
}

type FreshDevice = (descriptor?: GPUDeviceDescriptor) => Promise<GPUDevice>;

/** Returns x and room for a result, or the reason why there are none. */
async function large(freshDevice: FreshDevice): Promise<Large | string> {
  const adapter = await navigator.gpu.requestAdapter();
  const most = adapter?.limits.maxBufferSize ?? 0;
  if (most < BYTES) return `the adapter has buffers of ${most} bytes at most`;
  const device = await freshDevice({ requiredLimits: { maxBufferSize: BYTES } });
  expect(device.limits.maxStorageBufferBindingSize).toBe(2 ** 27);
  device.pushErrorScope("out-of-memory");
  const usage = USAGE.storage | USAGE.copySrc | USAGE.copyDst;
  const [x, y] = [1, 2].map(() => device.createBuffer({ size: BYTES, usage }));
  const error = await device.popErrorScope();
  if (error) return `the device has not so much memory: ${error.message}`;
  fill(device, x);
  const ctx = await createContext({ device, adapter: adapter ?? undefined });
  const of = (shape: number[], first = 0) => ctx.fromBuffer(x, { shape, offset: 4 * first });
  return { ctx, of, x, y };
}

/** Returns elements of a buffer from the first on. */
const peek = (ctx: Context, buffer: GPUBuffer, first: number, count: number) =>
  ctx.fromBuffer(buffer, { shape: [count], offset: 4 * first }).read();

interface Moments {
  readonly mean: number;
  readonly rstd: number;
}

/** Sums describe elements: their number, their sum and that of their squares. */
type Sums = readonly [n: number, sum: number, squares: number];

function momentsFrom(...parts: readonly Sums[]): Moments {
  const [n, sum, squares] = [0, 1, 2].map((k) => parts.reduce((all, part) => all + part[k], 0));
  const mean = sum / n;
  return { mean, rstd: 1 / Math.sqrt(squares / n - mean * mean + 1e-5) };
}

/** Returns these sums in float64, of `count` elements from the first on. */
function sumsOf(first: number, count: number, step = 1): Sums {
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < count; k++) {
    const v = valueAt(first + k * step);
    sum += v;
    squares += v * v;
  }
  return [count, sum, squares];
}

const within = (given: number, wanted: number, tolerance: number, what: string) =>
  expect(Math.abs(given - wanted), what).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(wanted)),
  );

const TOLERANCE = 4e-6; // of y, and of rstd relative to it

/** Compares y at these places with (x - mean) * rstd. */
async function expectNormalized(
  { ctx, y }: Large,
  places: readonly number[],
  momentsAt: (place: number) => Moments,
): Promise<void> {
  for (const first of places) {
    const given = await peek(ctx, y, first, 8);
    given.forEach((v, k) => {
      const { mean, rstd } = momentsAt(first + k);
      within(v, (valueAt(first + k) - mean) * rstd, TOLERANCE, `element ${first + k}`);
    });
  }
}

/** Lists both ends, both sides of every multiple of 32 MiB, and odd places between. */
const PLACES = Array.from({ length: 19 }, (_, k) => k * 2 ** 23).flatMap((edge) => [
  Math.min(Math.max(0, edge - 4), COUNT - 8),
  Math.min(edge + 1_234_567, COUNT - 8),
]);

/**
 * A backward gives gradients of parameters; x and dy are parts of one buffer, 28 MiB and a bit
 * apart.
 */
async function expectGradients({ ctx, of }: Large): Promise<void> {
  const [rows, length] = [40 * 1024, 1024];
  const first = 3 * 2 ** 22 + 1; // an offset at which no binding range starts
  const apart = 7 * 2 ** 20 + 5;
  const weight = ctx.tensor(new Float32Array(length).fill(1), [length]);
  const { dx, dWeight, dBias } = layerNormBackward(of([rows, length], first + apart), {
    x: of([rows, length], first),
    normalizedShape: [length],
    weight,
    bias: weight,
  });
  if (!dx || !dWeight || !dBias) throw new Error("a gradient is missing");
  const [weights, biases] = [await dWeight.read(), await dBias.read()];
  const sums = new Float64Array(length);
  const products = new Float64Array(length);
  for (let row = 0; row < rows; row++) {
    const at = first + row * length;
    const { mean, rstd } = momentsFrom(sumsOf(at, length));
    const normalized = (k: number) => (valueAt(at + k) - mean) * rstd;
    let [sum, product] = [0, 0];
    for (let k = 0; k < length; k++) {
      const g = valueAt(at + apart + k);
      const gu = g * normalized(k);
      sum += g;
      product += gu;
      sums[k] += g;
      products[k] += gu;
    }
    if (row % 5000 !== 4999) continue;
    const given = await peek(ctx, dx.buffer, row * length, length);
    given.forEach((d, k) => {
      const g = valueAt(at + apart + k) - sum / length;
      within(d, rstd * (g - (normalized(k) * product) / length), 2e-5, `dx of row ${row}`);
    });
  }
  sums.forEach((sum, k) => {
    within(biases[k], sum, 1e-6, `dBias ${k}`);
    expect(Math.abs(weights[k] - products[k]), `dWeight ${k}`).toBeLessThan(1e-6 * sum);
  });
}

test("tensors of 600 MiB through windows of 128 MiB", async ({ freshDevice, skip }) => {
  const found = await large(freshDevice);
  if (typeof found === "string") return skip(found);
  const { ctx, of, x, y } = found;
  const into = (shape: number[]) => ctx.fromBuffer(y, { shape });
  const stages: string[] = [];
  let since = performance.now();
  const timed = async (what: string) => {
    await ctx.sync();
    stages.push(`${what} ${Math.round(performance.now() - since)} ms`);
    since = performance.now();
  };
  await timed("fill");
  try {
    const rows = [COUNT / 1024, 1024];
    layerNorm(of(rows), { normalizedShape: [1024], out: into(rows) });
    await timed("layerNorm");
    await expectNormalized(found, PLACES, (i) => {
      return momentsFrom(sumsOf(i - (i % 1024), 1024));
    });

    const nchw = [150, 4, 512, 512];
    const plane = 512 * 512;
    const channels = batchNorm(of(nchw), { training: true, stats: true, out: into(nchw) });
    await timed("batchNorm");
    const [means, rstds] = [await channels.mean.read(), await channels.rstd.read()];
    const perPlane = Array.from({ length: 600 }, (_, k) => sumsOf(k * plane, plane));
    const perChannel = [0, 1, 2, 3].map((c) =>
      momentsFrom(...perPlane.filter((_, k) => k % 4 === c)),
    );
    perChannel.forEach(({ mean, rstd }, c) => {
      within(means[c], mean, 1e-6, `mean of channel ${c}`);
      within(rstds[c], rstd, 1e-6, `rstd of channel ${c}`);
    });
    await expectNormalized(found, PLACES, (i) => perChannel[Math.floor(i / plane) % 4]);

    const whole = standardize(of([COUNT]), { axes: [0], stats: true, out: into([COUNT]) });
    await timed("standardize");
    const all = momentsFrom(...perPlane);
    within((await whole.mean.read())[0], all.mean, 1e-6, "mean of all");
    within((await whole.rstd.read())[0], all.rstd, 1e-6, "rstd of all");
    await expectNormalized(found, PLACES, () => all);

    const nhwc = [150, 128, 128, 64];
    batchNorm(of(nhwc), { training: true, channelAxis: -1, out: into(nhwc) });
    await timed("batchNorm NHWC");
    const known = new Map<number, Moments>();
    await expectNormalized(found, PLACES.slice(0, 20), (i) => {
      const channel = i % 64;
      const moments = known.get(channel) ?? momentsFrom(sumsOf(channel, COUNT / 64, 64));
      known.set(channel, moments);
      return moments;
    });

    const two = [2, COUNT / 2]; // a row is longer than two tiles
    softmax(of(two), { out: into(two) });
    await timed("softmax");
    for (const row of [0, 1]) {
      let sum = 0;
      const last = ((row + 1) * COUNT) / 2;
      for (let i = (row * COUNT) / 2; i < last; i++) sum += Math.exp(valueAt(i) - 20);
      const given = await peek(ctx, y, last - 4, 4);
      given.forEach((v, k) => {
        const wanted = Math.exp(valueAt(last - 4 + k) - 20) / sum;
        expect(Math.abs(v - wanted) / wanted, `softmax ${last - 4 + k}`).toBeLessThan(3e-6);
      });
    }
    await expectGradients(found);
    await timed("layerNormBackward of 160 MiB");
  } finally {
    console.log(stages.join(", "));
    ctx.destroy();
    for (const buffer of [x, y]) buffer.destroy();
  }
});
