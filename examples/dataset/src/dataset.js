// A dataset is an array whose parts can be read one by one. Its blocks are fixed runs of its units,
// by the data alone: whoever measures them, and in whatever order, measures the same blocks.

import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import { MomentsState } from "webgpu-norm/moments";
import { identified } from "./identity.js";

/** @typedef {import("./types.d.ts").Source} Source */
/** @typedef {import("./types.d.ts").Dataset} Dataset */
/** @typedef {import("./types.d.ts").Range} Range */

/** Each format is loaded when it is asked for. */
const FORMATS = {
  ".npy": async () => (await import("./formats/npy.js")).openNpy,
  ".zarr": async () => (await import("./formats/zarr.js")).openZarr,
  ".parquet": async () => (await import("./formats/parquet.js")).openParquet,
  ".tar": async () => (await import("./formats/tar.js")).openTar,
};

const BLOCK_BYTES = 64 * 2 ** 20;

/**
 * Opens a dataset. A folder is Zarr, or with the ending .tar the shards of a WebDataset.
 *
 * @param {Source} source
 * @returns {Promise<Dataset>}
 */
export async function openDataset(source) {
  const ending = /** @type {keyof typeof FORMATS} */ (extname(source.path));
  const format = FORMATS[ending];
  if (!format) {
    const expected = Object.keys(FORMATS).join(", ");
    throw new Error(`${source.path}: ending ${ending || "none"}, expected ${expected}`);
  }
  const open = await format();
  const dataset = await identified(await open(source));
  const shape = [dataset.length, ...dataset.sample];
  if (shape.includes(0)) throw new Error(`${source.path}: shape [${shape}], expected some values`);
  return dataset;
}

/**
 * Returns the options that all states of a dataset share.
 *
 * @param {Source} source
 * @param {Dataset} dataset
 * @returns {import("./types.d.ts").StateOptions}
 */
export function stateOptions({ axes }, { sample, dtype }) {
  const shape = [-1, ...sample];
  const usual = sample.length === 0 ? [0] : sample.map((_, axis) => axis);
  return { shape, axes: axes ?? usual, dtype };
}

/**
 * Returns the blocks: about 64 MiB each, whole chunks of the format.
 *
 * @param {Dataset} dataset
 * @param {number} [bytes]
 * @returns {Range[]}
 */
export function blocksOf({ length, unitBytes, step }, bytes = BLOCK_BYTES) {
  const units = Math.max(1, Math.floor(bytes / (unitBytes * step))) * step;
  return Array.from({ length: Math.ceil(length / units) }, (_, i) => [
    i * units,
    Math.min(length, (i + 1) * units),
  ]);
}

/** @param {Source} source @returns {Promise<import("./types.d.ts").Plan>} */
export async function planOf(source) {
  const dataset = await openDataset(source);
  const { unit, length } = dataset;
  new MomentsState(stateOptions(source, dataset)); // refuses wrong axes before there is work
  return {
    ...{ source, unit, length },
    version: versionOf(source, dataset),
    blocks: blocksOf(dataset, source.blockBytes),
  };
}

/** @param {Source} source @param {Dataset} dataset */
export function versionOf(source, dataset) {
  const { blockBytes, columns } = source;
  const text = JSON.stringify([
    dataset.identity,
    stateOptions(source, dataset),
    blockBytes,
    columns,
  ]);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return `${basename(source.path).replaceAll(":", "_")}-${hash}`; // a job's name has no colon
}
