// Small datasets of every format, of numbers that are known.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import FileSystemStore from "@zarrita/storage/fs";
import { parquetWriteFile } from "hyparquet-writer";
import { packTar } from "modern-tar";
import * as zarr from "zarrita";

const DESCRIPTORS = { Float32Array: "<f4", Uint8Array: "|u1", Uint16Array: "<u2" } as const;

type Values = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

export function npyBytes(values: Values, shape: readonly number[]): Buffer {
  const descr = DESCRIPTORS[values.constructor.name as keyof typeof DESCRIPTORS];
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, "latin1"), Buffer.from(values.buffer)]);
}

/** A Zarr array, its chunks along the first axis alone, compressed where the name of a codec is given. */
export async function writeZarr(
  path: string,
  values: Values,
  shape: readonly number[],
  chunk: number,
  codec?: "zstd",
): Promise<string> {
  const sample = shape.slice(1);
  const array = await zarr.create(new FileSystemStore(path), {
    shape: [...shape],
    chunkShape: [chunk, ...sample],
    dtype: values instanceof Float32Array ? "float32" : "uint8",
    codecs: codec ? [{ name: codec, configuration: { level: 1, checksum: false } }] : [],
  });
  const each = sample.reduce((a, b) => a * b, 1);
  const stride = [each, ...sample.map((_, i) => sample.slice(i + 1).reduce((a, b) => a * b, 1))];
  for (let from = 0; from < (shape[0] as number); from += chunk) {
    const to = Math.min(shape[0] as number, from + chunk);
    const data = values.subarray(from * each, to * each);
    const selection = [zarr.slice(from, to), ...sample.map(() => null)];
    await zarr.set(array, selection, { data, shape: [to - from, ...sample], stride } as never);
  }
  return path;
}

export function writeParquet(filename: string, columns: Record<string, Values>, rows: number) {
  const columnData = Object.entries(columns).map(([name, data]) => ({
    name,
    data: data as Float32Array,
    type: "FLOAT" as const,
  }));
  parquetWriteFile({ filename, columnData, rowGroupSize: rows });
  return filename;
}

export async function writeTars(
  folder: string,
  shards: readonly (readonly { shape: readonly number[]; values: Uint8Array<ArrayBuffer> }[])[],
): Promise<string> {
  mkdirSync(folder);
  for (const [i, images] of shards.entries()) {
    const entries = images.flatMap(({ shape, values }, k) => {
      const body = new Uint8Array(npyBytes(values, shape));
      return [
        { header: { name: `${i}-${k}.npy`, size: body.length }, body },
        { header: { name: `${i}-${k}.cls`, size: 1 }, body: "7" },
      ];
    });
    writeFileSync(join(folder, `shard-${String(i).padStart(4, "0")}.tar`), await packTar(entries));
  }
  return folder;
}
