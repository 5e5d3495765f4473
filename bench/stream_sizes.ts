// This program measures the time of a stream by its size, in Node under Dawn: moments alone, and y
// after them. It prints the rows as JSON; bench/stream.mjs runs it and draws them.

import { create, globals } from "webgpu";
import { createContext } from "../src/index";
import { MomentsAccumulator } from "../src/stream/index";

const SAMPLE = 3 * 32 * 32; // floats
const SHAPE = [-1, 3, 32, 32];
const CHUNK = 640; // samples: 7.5 MiB
const MB = 1e6;
const SIZES = Array.from({ length: 11 }, (_, k) => 2 ** k); // MB

export interface Row {
  readonly megabytes: number;
  readonly moments: number; // ms
  readonly normalize: number; // ms
}

/** About so many bytes, in chunks out of one array. */
function* chunks(data: Float32Array, megabytes: number): Generator<Float32Array> {
  let samples = Math.round((megabytes * MB) / (4 * SAMPLE));
  for (; samples > 0; samples -= CHUNK) {
    yield data.subarray(0, Math.min(samples, CHUNK) * SAMPLE);
  }
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function main(): Promise<object> {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  Object.assign(globalThis, { held: [gpu, adapter] }); // they have to outlive their devices
  if (!adapter) throw new Error("no WebGPU adapter in Node");
  const ctx = await createContext({ device: await adapter.requestDevice() });
  const data = Float32Array.from({ length: CHUNK * SAMPLE }, (_, i) => 100 + ((i * 7919) % 1000));
  const rows: Row[] = [];
  for (const megabytes of [8, ...SIZES]) {
    const times = { moments: [] as number[], normalize: [] as number[] };
    const repeats = Math.max(3, Math.min(15, Math.round(64 / megabytes)));
    for (let i = 0; i < repeats; i++) {
      using acc = new MomentsAccumulator(ctx, { shape: SHAPE, axes: [0, 2, 3] });
      const add = async () => {
        await acc.addAll(chunks(data, megabytes));
        await acc.moments().mean.read();
      };
      const normalize = async () => {
        for await (const y of acc.normalize(chunks(data, megabytes))) y.at(0);
      };
      times.moments.push(await milliseconds(add));
      times.normalize.push(await milliseconds(normalize));
    }
    const row = {
      megabytes,
      moments: median(times.moments),
      normalize: median(times.normalize),
    };
    console.error(`${megabytes} MB: ${row.moments.toFixed(1)} ms, ${row.normalize.toFixed(1)} ms`);
    rows.push(row);
  }
  const { name, software } = ctx.profile;
  ctx.destroy();
  return {
    adapter: name,
    software,
    node: process.version,
    date: new Date().toISOString(),
    rows: rows.slice(1), // the first warms up
  };
}

main().then(
  (found) => {
    console.log(JSON.stringify(found));
    process.exit(0); // Dawn's thread would keep the process
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
