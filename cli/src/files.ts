// Files of numbers become streams of typed arrays: NPY, CSV, and raw little-endian elements.

import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { endianness } from "node:os";
import { parse } from "csv-parse";

export interface NumberFile {
  readonly path: string;
  /** Lengths along all axes but the first, along which the file is read. */
  readonly sample: readonly number[];
  /** Names of the last axis, where the file has them. */
  readonly names?: readonly string[];
  readonly bytes: number;
  /** Gives whole samples; `onBytes` gets how much of the file is read. */
  chunks(onBytes: (bytes: number) => void): AsyncGenerator<ArrayBufferView>;
}

type Numbers = new (buffer: ArrayBuffer) => ArrayBufferView;

const Half = (globalThis as { Float16Array?: Numbers }).Float16Array;

/** The elements' types by NPY's names; a row of bytes becomes one of these. */
const TYPES: Readonly<
  Record<string, { readonly bytes: number; readonly array: Numbers | undefined }>
> = {
  f2: { bytes: 2, array: Half },
  f4: { bytes: 4, array: Float32Array },
  f8: { bytes: 8, array: Float64Array },
  u1: { bytes: 1, array: Uint8Array },
  u2: { bytes: 2, array: Uint16Array },
  u4: { bytes: 4, array: Uint32Array },
  i1: { bytes: 1, array: Int8Array },
  i2: { bytes: 2, array: Int16Array },
  i4: { bytes: 4, array: Int32Array },
};

const LARGE = 8 * 2 ** 20; // bytes of a chunk

function fail(path: string, message: string): never {
  throw new Error(`${path}: ${message}`);
}

/** Cuts a file into typed arrays of whole samples. */
async function* samples(
  path: string,
  start: number,
  type: string,
  sample: readonly number[],
  onBytes: (bytes: number) => void,
): AsyncGenerator<ArrayBufferView> {
  const { bytes, array } = TYPES[type] as { bytes: number; array: Numbers };
  const each = sample.reduce((a, b) => a * b, bytes);
  const whole = Math.max(each, Math.floor(LARGE / each) * each);
  let rest: Buffer = Buffer.alloc(0);
  let read = start;
  for await (const piece of createReadStream(path, { start, highWaterMark: LARGE })) {
    rest = rest.length ? Buffer.concat([rest, piece as Buffer]) : (piece as Buffer);
    read += (piece as Buffer).length;
    while (rest.length >= whole) {
      yield new array(copied(rest.subarray(0, whole)));
      rest = rest.subarray(whole);
    }
    onBytes(read);
  }
  const left = Math.floor(rest.length / each) * each;
  if (left !== rest.length) {
    fail(path, `the file ends with ${rest.length - left} bytes, expected samples of ${each}`);
  }
  if (left > 0) yield new array(copied(rest));
}

const copied = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer as ArrayBuffer;

/** Returns where the data of NPY begin: its first 12 bytes have the length of the header. */
function npyStart(path: string, head: Buffer): number {
  if (head.subarray(0, 6).toString("latin1") !== "\x93NUMPY") fail(path, "is no NPY file");
  return (head[6] ?? 0) > 1 ? 12 + head.readUInt32LE(8) : 10 + head.readUInt16LE(8);
}

/** What the header of NPY says of its array: the type by NPY's name, where the elements begin. */
export interface NpyHeader {
  readonly start: number;
  readonly type: string;
  readonly shape: readonly number[];
}

/** Reads the header of NPY, format 1 to 3, whose bytes these are or begin with: Python's words. */
export function npyHeader(path: string, bytes: Buffer): NpyHeader {
  const start = npyStart(path, bytes);
  const header = bytes.subarray(0, start).toString("latin1");
  const descr = /'descr':\s*'([<>|=])(\w\d)'/.exec(header);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]?.split(",");
  if (!descr || !shape) {
    fail(path, `header ${header.slice(10).trim()}, expected one array of numbers`);
  }
  if (/'fortran_order':\s*True/.test(header)) fail(path, "is in Fortran's order, expected C's");
  const [, order, type = ""] = descr;
  if (order === ">" || !TYPES[type]?.array) {
    fail(path, `type ${order}${type}, expected little-endian ${Object.keys(TYPES).join(", ")}`);
  }
  return { start, type, shape: shape.filter((word) => word.trim() !== "").map(Number) };
}

async function npy(path: string): Promise<NumberFile> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(12);
    await file.read(head, 0, 12, 0);
    const text = Buffer.alloc(npyStart(path, head));
    await file.read(text, 0, text.length, 0);
    const { start, type, shape } = npyHeader(path, text);
    const sample = shape.slice(1);
    const bytes = (await stat(path)).size;
    return { path, sample, bytes, chunks: (on) => samples(path, start, type, sample, on) };
  } finally {
    await file.close();
  }
}

async function raw(path: string, type: string, sample: readonly number[]): Promise<NumberFile> {
  if (!TYPES[type]?.array) fail(path, `type ${type}, expected ${Object.keys(TYPES).join(", ")}`);
  const bytes = (await stat(path)).size;
  return { path, sample, bytes, chunks: (on) => samples(path, 0, type, sample, on) };
}

const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));

/** CSV with or without a line of names. Columns that are no numbers in its first line are left out. */
async function csv(path: string): Promise<NumberFile> {
  const lines = () => createReadStream(path).pipe(parse({ skip_empty_lines: true, trim: true }));
  const first: string[][] = [];
  for await (const line of lines()) {
    first.push(line as string[]);
    if (first.length === 2) break;
  }
  const [top = [], next = top] = first;
  const named = !top.some(isNumber);
  const columns = [...next.keys()].filter((i) => isNumber(next[i] ?? ""));
  if (top.length === 0) fail(path, "is empty, expected lines of numbers");
  if (columns.length === 0) fail(path, "has no column of numbers, expected them between commas");
  const names = columns.map((i) => (named ? (top[i] ?? "") : `column ${i + 1}`));
  async function* chunks(onBytes: (bytes: number) => void): AsyncGenerator<ArrayBufferView> {
    const parser = lines();
    let values: number[] = [];
    let number = 0;
    for await (const line of parser) {
      if (++number === 1 && named) continue;
      for (const i of columns) {
        const text = (line as string[])[i] ?? "";
        if (!isNumber(text)) {
          const where = `line ${number}, ${names[columns.indexOf(i)]}`;
          fail(path, `${where}: ${JSON.stringify(text)} is no number`);
        }
        values.push(Number(text));
      }
      if (values.length >= LARGE / 8) {
        yield Float64Array.from(values);
        values = [];
        onBytes(parser.info.bytes);
      }
    }
    if (values.length > 0) yield Float64Array.from(values);
    onBytes(parser.info.bytes);
  }
  return { path, sample: [columns.length], names, bytes: (await stat(path)).size, chunks };
}

export interface FileOptions {
  /** Of raw files: the type of the elements and the shape of a sample. */
  readonly type?: string | undefined;
  readonly sample?: readonly number[] | undefined;
}

export async function numberFile(path: string, options: FileOptions = {}): Promise<NumberFile> {
  if (endianness() !== "LE") fail(path, "this machine is big-endian, expected a little-endian one");
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) fail(path, found ? "is no file" : "there is no such file");
  if (path.endsWith(".npy")) return npy(path);
  if (path.endsWith(".csv")) return csv(path);
  return raw(path, options.type ?? "f4", options.sample ?? []);
}
