// A WebDataset: a folder *.tar of shards, each a tar of samples. Here samples are NPY images
// [height, width, channels] of u8, of any sizes; a decoder for other endings goes into DECODERS.
// A shard is a unit: only who reads it knows how many samples it has.

import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { unpackTar } from "modern-tar";
import { headerOf, valuesOf } from "./npy.js";

/** @typedef {{ shape: readonly number[], values: Uint8Array }} Image */

/** @type {Readonly<Record<string, (bytes: Buffer, name: string) => Image>>} */
const DECODERS = {
  ".npy": (bytes, name) => {
    const header = headerOf(bytes, name);
    if (header.dtype !== "u8") throw new Error(`${name}: dtype ${header.dtype}, expected u8`);
    const values = /** @type {Uint8Array} */ (valuesOf(bytes.subarray(header.start), header));
    return { shape: header.shape, values };
  },
};

/**
 * @param {import("../types.d.ts").Source} source
 * @returns {Promise<import("../types.d.ts").Opened>}
 */
export async function openTar({ path }) {
  const names = (await readdir(path)).filter((name) => name.endsWith(".tar")).sort();
  const shards = names.map((name) => join(path, name));
  if (shards.length === 0) throw new Error(`${path}: has no shard, expected files *.tar`);
  const sizes = await Promise.all(shards.map(async (shard) => (await stat(shard)).size));
  const [image] = await imagesOf(shards[0] ?? "");
  const channels = image?.shape.at(-1) ?? 1;
  return {
    ...{ unit: "shard", length: shards.length, step: 1, sample: [channels], dtype: "u8" },
    unitBytes: sizes.reduce((a, b) => a + b, 0) / shards.length,
    about: String(names),
    filesOf: ([first, last]) => shards.slice(first, last),
    read: async ([first, last]) => {
      const images = await Promise.all(shards.slice(first, last).map(imagesOf));
      const parts = images.flat().map(({ shape, values }) => {
        if (shape.at(-1) === channels) return Buffer.from(values.buffer);
        throw new Error(`${path}: an image [${shape}], expected ${channels} channels`);
      });
      return new Uint8Array(Buffer.concat(parts));
    },
  };
}

/** @param {string} shard @returns {Promise<Image[]>} */
async function imagesOf(shard) {
  const entries = await unpackTar(await readFile(shard));
  return entries.flatMap(({ header: { name }, data }) => {
    const decode = DECODERS[extname(name)];
    return data && decode ? [decode(Buffer.from(data), `${shard}/${name}`)] : [];
  });
}
