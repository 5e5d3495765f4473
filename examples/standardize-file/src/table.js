// A file is a table of rows of f32, read in pieces of some megabytes. The readers are those of
// the command line (CSV) and of the dataset example (NPY, Parquet, Zarr).

import { numberFile } from "webgpu-norm-cli/files";
import { blocksOf, openDataset } from "webgpu-norm-dataset/dataset";

/**
 * @typedef {object} Table
 * @property {readonly string[]} columns
 * @property {number} size what the progress counts up to
 * @property {(progress: (done: number) => void) => AsyncGenerator<Float32Array>} read
 */

const PIECE = 8 * 2 ** 20;

/** @param {string} path @returns {Promise<Table>} */
export const openTable = (path) => (path.endsWith(".csv") ? openCsv(path) : openChunked(path));

/** @param {string} path @returns {Promise<Table>} */
async function openCsv(path) {
  const { names = [], bytes, chunks } = await numberFile(path);
  return {
    columns: names,
    size: bytes,
    read: async function* (progress) {
      for await (const rows of chunks(progress)) {
        yield Float32Array.from(/** @type {Float64Array} */ (rows));
      }
    },
  };
}

/** @param {string} path @returns {Promise<Table>} */
async function openChunked(path) {
  const dataset = await openDataset({ path });
  if (dataset.dtype === "f16") throw new Error(`${path}: dtype f16, expected f32 or integers`);
  const width = dataset.sample.reduce((a, b) => a * b, 1);
  return {
    columns: dataset.names ?? Array.from({ length: width }, (_, i) => `column ${i + 1}`),
    size: dataset.length,
    read: async function* (progress) {
      for (const block of blocksOf(dataset, PIECE)) {
        yield Float32Array.from(await dataset.read(block));
        progress(block[1]);
      }
    },
  };
}
