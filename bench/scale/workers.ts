// This program measures the time of exact moments of one data set by 1 to 4 threads, each with a device of its own
// and every so-many-th block. Whatever their number, the merged state is the same bytes. bench/scale.mjs runs it and
// draws the figure.

import { once } from "node:events";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { MomentsState } from "../../src/moments/index";
import { MomentsAccumulator } from "../../src/stream/index";
import { type Machine, machineOf, openContext, print } from "./device";

const SHAPE = [-1, 3, 32, 32];
const AXES = [0, 2, 3];
const SAMPLES = 640; // of a block: 7.9 MB
const BLOCK = SAMPLES * 3 * 32 * 32;
const MOST = 4;
const ROUNDS = 9;

export interface Row {
  readonly workers: number;
  /** The median from the order to the merged state. */
  readonly ms: number;
  readonly samples: readonly number[];
}

export interface Workers extends Machine {
  readonly megabytes: number;
  readonly rows: readonly Row[];
}

interface Order {
  readonly blocks: number;
  readonly first: number;
  readonly step: number;
}

/** The same block for the same number; the pixels of a block differ by those of another. */
function blockOf(number: number, into: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  for (let i = 0; i < into.length; i++) into[i] = 100 + ((i * 7919 + number * 104729) % 1000) / 16;
  return into;
}

async function worker(): Promise<void> {
  const ctx = await openContext();
  // the data is there: what counts is the work on it
  const { blocks, first, step } = workerData as Order;
  const own = Array.from(
    { length: Math.ceil((blocks - first) / step) },
    (_, i) => first + i * step,
  );
  const data = new Map(own.map((number) => [number, blockOf(number, new Float32Array(BLOCK))]));
  const work = async () => {
    const all = new MomentsState({ shape: SHAPE, axes: AXES });
    for (const [number, block] of data) {
      using acc = new MomentsAccumulator(ctx, { shape: SHAPE, axes: AXES });
      await acc.add(block);
      all.merge(await acc.state({ range: [number, number + 1] }));
    }
    return all.toBytes();
  };
  await work(); // compiles
  parentPort?.on("message", async () => parentPort?.postMessage(await work()));
  parentPort?.postMessage(machineOf(ctx));
}

async function measured(workers: number, blocks: number, file: string) {
  const threads = Array.from({ length: workers }, (_, first) => {
    return new Worker(file, { workerData: { blocks, first, step: workers } satisfies Order });
  });
  const [[machine]] = await Promise.all(threads.map((thread) => once(thread, "message")));
  const samples: number[] = [];
  let merged = new Uint8Array();
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const answers = threads.map((thread) => once(thread, "message"));
    for (const thread of threads) thread.postMessage("begin");
    const all = new MomentsState({ shape: SHAPE, axes: AXES });
    for (const [bytes] of await Promise.all(answers)) all.merge(MomentsState.fromBytes(bytes));
    merged = all.toBytes();
    samples.push(performance.now() - start);
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
  const ms = samples.toSorted((a, b) => a - b)[ROUNDS >> 1];
  return { machine: machine as Machine, merged, row: { workers, ms, samples } };
}

async function main(): Promise<Workers> {
  const { values } = parseArgs({ options: { blocks: { type: "string", default: "256" } } });
  const blocks = Number(values.blocks);
  const rows: Row[] = [];
  let first: Awaited<ReturnType<typeof measured>> | undefined;
  for (let workers = 1; workers <= MOST; workers++) {
    const found = await measured(workers, blocks, process.argv[1]);
    first ??= found;
    if (Buffer.compare(found.merged, first.merged) !== 0) {
      throw new Error(`${workers} workers found another state than one`);
    }
    console.error(`${workers} workers: ${found.row.ms.toFixed(0)} ms`);
    rows.push(found.row);
  }
  if (!first) throw new Error("nothing was measured");
  return { ...first.machine, megabytes: (blocks * BLOCK * 4) / 1e6, rows };
}

if (isMainThread) print(main());
else await worker();
