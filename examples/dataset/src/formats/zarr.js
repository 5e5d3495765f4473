// Zarr, version 2 or 3, by zarrita: an array in chunks, compressed or not. Blocks are whole chunks
// along the first axis.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import FileSystemStore from "@zarrita/storage/fs";
import * as zarr from "zarrita";

/** @type {Readonly<Record<string, import("../types.d.ts").DType>>} */
const DTYPES = { float32: "f32", uint8: "u8", int8: "i8", uint16: "u16" };

/** A chunk that was cut short would else be filled up with zeros. */
const withWholeChunks = zarr.defineArrayExtension((array) => ({
  async getChunk(at, options) {
    const chunk = await array.getChunk(at, options);
    const { length } = /** @type {ArrayLike<unknown>} */ (chunk.data);
    const expected = chunk.shape.reduce((a, b) => a * b, 1);
    if (length === expected) return chunk;
    throw new Error(`chunk ${at.join("/")} has ${length} values, expected ${expected}`);
  },
}));

/**
 * @param {import("../types.d.ts").Source} source
 * @returns {Promise<import("../types.d.ts").Opened>}
 */
export async function openZarr({ path }) {
  const metadata = await metadataOf(path);
  const store = new FileSystemStore(resolve(path));
  const array = withWholeChunks(await zarr.open(store, { kind: "array" }));
  const [length = 1, ...sample] = array.shape;
  const dtype = DTYPES[array.dtype] ?? "f32"; // wider numbers are rounded
  const bytes = dtype === "f32" ? 4 : dtype === "u16" ? 2 : 1;
  return {
    ...{ unit: "sample", length, sample, dtype, step: array.chunks[0] ?? 1 },
    unitBytes: sample.reduce((a, b) => a * b, bytes),
    about: metadata.text,
    filesOf: () => [metadata.file],
    read: async ([first, last]) => {
      const { data } = await zarr.get(array, [zarr.slice(first, last), ...sample.map(() => null)]);
      const isStored = array.dtype in DTYPES;
      return /** @type {any} */ (isStored ? data : Float32Array.from(/** @type {any} */ (data)));
    },
  };
}

/** The metadata stand for the chunks: whoever writes chunks anew gives the array a new name. */
async function metadataOf(/** @type {string} */ path) {
  for (const name of ["zarr.json", ".zarray"]) {
    const file = resolve(path, name);
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return { text, file };
  }
  throw new Error(`${path}: has neither zarr.json nor .zarray, expected a Zarr array`);
}
