// This program sends gigabytes through a process with little memory. It runs on its own, so that no
// other code uses its memory, and prints its results as JSON. test/runners/stream.mjs bundles and
// runs it.
//
// The data is windows of one buffer, as bytes in pieces that end anywhere; sums over samples of
// that buffer in float64 give the exact moments of any such data.

import { create, globals } from "webgpu";
import { createContext } from "../../src/index";
import { MomentsAccumulator } from "../../src/stream/index";
import { Random } from "../support/random";

const [CHANNELS, POSITIONS] = [4, 256];
const SAMPLE = CHANNELS * POSITIONS;
const WINDOW = 2048; // samples: 8 MiB
const RING = 3 * WINDOW;
const PIECE = 3_000_017; // bytes
const OFFSET = 1e4;

const starts = (ranges: number) =>
  Array.from({ length: ranges }, (_, k) => (k * 997) % (RING - WINDOW));

function ringOf(): Float32Array<ArrayBuffer> {
  const random = new Random(1);
  const ring = new Float32Array(RING * SAMPLE);
  for (let i = 0; i < ring.length; i++) ring[i] = OFFSET + random.normal();
  return ring;
}

/** Mean and variance of each channel over these windows, in float64. */
function exactly(ring: Float32Array, ranges: readonly number[]) {
  const times = new Float64Array(RING); // how often each sample comes
  for (const start of ranges) for (let i = 0; i < WINDOW; i++) times[start + i]++;
  const count = ranges.length * WINDOW * POSITIONS;
  return Array.from({ length: CHANNELS }, (_, channel) => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < RING; i++) {
      const first = i * SAMPLE + channel * POSITIONS;
      for (let k = first; k < first + POSITIONS; k++) {
        const apart = ring[k] - OFFSET;
        sum += times[i] * apart;
        squares += times[i] * apart * apart;
      }
    }
    const mean = sum / count;
    return { mean: OFFSET + mean, variance: squares / count - mean * mean };
  });
}

function* pieces(ring: Float32Array, ranges: readonly number[]): Generator<Uint8Array> {
  for (const start of ranges) {
    const window = ring.subarray(start * SAMPLE, (start + WINDOW) * SAMPLE);
    const bytes = new Uint8Array(window.buffer, window.byteOffset, window.byteLength);
    for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
  }
}

/** The most that the process took, in MB. */
function watch() {
  const most = { rss: 0, arrayBuffers: 0, heap: 0 };
  const look = () => {
    const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
    most.rss = Math.max(most.rss, rss / 1e6);
    most.arrayBuffers = Math.max(most.arrayBuffers, arrayBuffers / 1e6);
    most.heap = Math.max(most.heap, heapUsed / 1e6);
  };
  look();
  return { most, look };
}

async function main(gigabytes: number): Promise<object> {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  Object.assign(globalThis, { held: [gpu, adapter] }); // they have to outlive their devices
  if (!adapter) return { skipped: "no adapter" };
  const ctx = await createContext({ device: await adapter.requestDevice() });
  const ring = ringOf();
  const ranges = starts(Math.round((gigabytes * 1e9) / (4 * WINDOW * SAMPLE)));
  const expected = exactly(ring, ranges);

  const few = ranges.slice(0, 8);
  using warm = new MomentsAccumulator(ctx, { shape: [-1, CHANNELS, POSITIONS], axes: [0, 2] });
  await warm.addAll(pieces(ring, few));
  for await (const _ of warm.normalize(pieces(ring, few))) process.memoryUsage();
  const before = watch().most;

  const { most, look } = watch();
  const started = performance.now();
  using acc = new MomentsAccumulator(ctx, { shape: [-1, CHANNELS, POSITIONS], axes: [0, 2] });
  await acc.addAll(pieces(ring, ranges), { onProgress: look });
  const { count } = acc;
  const { mean, variance } = acc.moments();
  const given = [[...(await mean.read())], [...(await variance.read())]];
  const seconds = (performance.now() - started) / 1000;

  // a part of it once more, normalized: that part's own moments, as the stream's moments see them
  const part = ranges.slice(0, Math.ceil(ranges.length / 16));
  let [values, sum, squares] = [0, 0, 0];
  for await (const y of acc.normalize(pieces(ring, part), { onProgress: look, eps: 0 })) {
    values += y.length;
    for (const value of y) {
      sum += value;
      squares += value * value;
    }
  }
  const own = exactly(ring, part);
  const at = own.map(({ mean, variance }, c) => {
    const of = expected[c];
    return { mean: (mean - of.mean) / Math.sqrt(of.variance), variance: variance / of.variance };
  });
  const average = (of: (moment: (typeof at)[number]) => number) =>
    at.reduce((total, moment) => total + of(moment), 0) / CHANNELS;

  const facts = { adapter: ctx.profile.name, gigabytes: (4 * count * CHANNELS) / 1e9, seconds };
  ctx.destroy();
  return {
    ...facts,
    count,
    samples: ranges.length * WINDOW,
    mean: given[0],
    variance: given[1],
    expected,
    normalized: {
      values,
      mean: sum / values,
      square: squares / values,
      expectedMean: average((m) => m.mean),
      expectedSquare: average((m) => m.variance + m.mean * m.mean),
    },
    before,
    most,
  };
}

main(Number(process.argv[2])).then(
  (found) => {
    console.log(JSON.stringify(found));
    process.exit(0); // Dawn's thread would keep the process
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
