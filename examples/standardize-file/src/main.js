// Standardizes the columns of a file on the GPU, whatever its size: mean 0, deviation 1.
//   node src/main.js FILE.{csv,npy,parquet,zarr} [--out y.npy] [--plot plot.svg]
// The file is read twice: for the moments of all of it, then to apply them. Without a file it makes a
// CSV for a first look.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { create, globals } from "webgpu";
import { createContext } from "webgpu-norm";
import { MomentsAccumulator } from "webgpu-norm/stream";
import { npyWriter } from "./npy_writer.js";
import { histograms, sampleOf } from "./picture.js";
import { openTable } from "./table.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "standardized.npy" },
    plot: { type: "string", default: "plot.svg" },
  },
});

/** Heights in cm, masses in g, ages in years. */
function exampleFile() {
  const path = join(mkdtempSync(join(tmpdir(), "webgpu-norm-")), "people.csv");
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const lines = Array.from({ length: 20_000 }, () => {
    const height = 170 + 9 * normal();
    const mass = 65_000 + 800 * (height - 170) + 9000 * normal();
    return [height.toFixed(1), mass.toFixed(0), (18 + 60 * Math.random()).toFixed(1)].join();
  });
  writeFileSync(path, `height,mass,age\n${lines.join("\n")}\n`);
  return path;
}

Object.assign(globalThis, globals);
const gpu = create([]);
const adapter = await gpu.requestAdapter();
if (!adapter) throw new Error("no GPU here (Vulkan, Metal, D3D12), expected one");
const context = await createContext({ adapter });

const path = positionals[0] ?? exampleFile();
const table = await openTable(path);
const bar = new SingleBar({
  format: "{what} {bar} {percentage} % | {eta_formatted} left",
  stream: process.stderr,
  hideCursor: true,
});
const progress = (/** @type {string} */ what) => {
  if (process.stderr.isTTY) bar.start(table.size, 0, { what });
  return (/** @type {number} */ done) => bar.update(done);
};

const { columns } = table;
const stream = new MomentsAccumulator(context, { shape: [-1, columns.length], axes: [0] });
const before = sampleOf(columns.length);
for await (const rows of table.read(progress("moments  "))) {
  before.add(rows);
  await stream.add(rows);
}
bar.stop();

const after = sampleOf(columns.length);
const out = npyWriter(values.out, [stream.samples, columns.length]);
for await (const y of stream.normalize(table.read(progress("normalize")), { eps: 0 })) {
  after.add(y);
  await out.write(y);
}
await out.close();
bar.stop();

const { mean, variance } = stream.moments();
const [means, variances] = [await mean.read(), await variance.read()];
console.log(`${stream.samples} rows of ${path}, standardized in ${values.out}`);
columns.forEach((name, i) => {
  console.log(`  ${name}: mean ${means[i]}, deviation ${Math.sqrt(variances[i] ?? 0)}`);
});
writeFileSync(values.plot, histograms(columns, before.values, after.values));
console.log(`${values.plot} shows the columns before and after`);
process.exit(); // Dawn's threads would keep the process
