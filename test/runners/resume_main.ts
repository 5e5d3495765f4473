// This program adds blocks of a stream to a state in a file, under Dawn, and may be killed at any
// time. It says which block is in the file, and goes on when it reads a line.
// test/stream/resume.test.ts bundles, runs and kills it.
//   FILE BLOCKS

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { create, globals } from "webgpu";
import { createContext } from "../../src/index";
import { MomentsState } from "../../src/moments/index";
import { MomentsAccumulator } from "../../src/stream/index";
import { Random } from "../support/random";

const SAMPLES = 64; // a block
const OPTIONS = { shape: [-1, 3, 16], axes: [0, 2] };

/** The chunks of a block, by its number. */
function* source(block: number): Generator<Float32Array> {
  const random = new Random(block);
  for (let at = 0; at < SAMPLES; at += 16) yield random.normals(16 * 3 * 16, 1e4 + block);
}

function save(file: string, state: MomentsState): void {
  writeFileSync(`${file}.new`, state.toBytes());
  renameSync(`${file}.new`, file); // there is an old state or a new one, never a half
}

async function main(file: string, blocks: number): Promise<void> {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  Object.assign(globalThis, { held: [gpu, adapter] }); // they have to outlive their devices
  if (!adapter) return console.log("no adapter");
  const ctx = await createContext({ device: await adapter.requestDevice() });
  const state = existsSync(file)
    ? MomentsState.fromBytes(readFileSync(file))
    : new MomentsState(OPTIONS);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (let block = 0; block < blocks; block++) {
    const range = [block, block + 1] as const;
    if (state.covers(range)) continue;
    using acc = new MomentsAccumulator(ctx, OPTIONS);
    await acc.addAll(source(block));
    state.merge(await acc.state({ range }));
    save(file, state);
    console.log(`block ${block}`);
    await lines.next();
  }
  console.log("done");
}

main(process.argv[2], Number(process.argv[3])).then(
  () => process.exit(0), // Dawn's thread would keep the process
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
