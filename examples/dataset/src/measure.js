// A block becomes a state of moments: on a GPU by the library, or, where one asks for it, on the
// host. Both give the same bytes for integers; for floats they differ in the last digits of f32.

import { MomentsState } from "webgpu-norm/moments";
import { openDataset, stateOptions, versionOf } from "./dataset.js";

/** @typedef {import("./types.d.ts").Result} Result */

/**
 * @param {import("./types.d.ts").DeviceKind} kind
 * @returns {Promise<import("./types.d.ts").Device>}
 */
export async function openDevice(kind) {
  if (kind === "gpu") return (await import("./gpu.js")).openGpu();
  if (kind === "host") return (await import("./host.js")).host;
  throw new Error(`device ${kind}, expected gpu or host`);
}

/** @type {Map<string, Promise<import("./types.d.ts").Dataset>>} */
const opened = new Map();

/**
 * Measures one block, if the data are still those of the plan.
 *
 * @param {import("./types.d.ts").Device} device
 * @param {Pick<import("./types.d.ts").Plan, "source" | "version">} plan
 * @param {import("./types.d.ts").Range} range
 * @returns {Promise<Result>}
 */
export async function measureBlock(device, { source, version }, range) {
  const dataset = await (opened.get(version) ?? openDataset(source));
  const found = versionOf(source, dataset);
  if (found !== version) throw new Error(`${source.path} is ${found} here, expected ${version}`);
  opened.set(version, Promise.resolve(dataset));
  const start = performance.now();
  const values = await dataset.read(range);
  const read = performance.now();
  const state = await device.measure(values, stateOptions(source, dataset), range);
  const seconds = { read: (read - start) / 1000, measure: (performance.now() - read) / 1000 };
  const { byteLength: bytes } = values;
  return { state: state.toJSON(), blocks: { [device.name]: 1 }, seconds, bytes };
}

/**
 * Adds results up, in any order: states are whole numbers. A block that is in two results is an
 * error.
 *
 * @param {readonly Result[]} results
 * @returns {Result | null} null for none
 */
export function merged(results) {
  const [first] = results;
  if (!first) return null;
  const { shape, axes, dtype } = first.state;
  const state = new MomentsState({ shape, axes, dtype });
  /** @type {Record<string, number>} */
  const blocks = {};
  const seconds = { read: 0, measure: 0 };
  let bytes = 0;
  for (const result of results) {
    state.merge(MomentsState.fromJSON(result.state));
    for (const [name, count] of Object.entries(result.blocks)) {
      blocks[name] = (blocks[name] ?? 0) + count;
    }
    seconds.read += result.seconds.read;
    seconds.measure += result.seconds.measure;
    bytes += result.bytes;
  }
  return { state: state.toJSON(), blocks, seconds, bytes };
}
