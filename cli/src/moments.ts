// The command moments computes count, mean and standard deviation of files larger than memory.

import { MomentsAccumulator } from "../../src/stream/index";
import { type FileOptions, type NumberFile, numberFile } from "./files";
import { requireGpu } from "./gpu";

export interface MomentsCommandOptions extends FileOptions {
  /** Axes whose elements share statistics; all but the last by default. */
  readonly axes?: readonly number[] | undefined;
  readonly correction?: number | undefined;
  /** Gets the bytes that are read, and how many there are. */
  readonly onProgress?: (read: number, all: number) => void;
}

export interface FileMoments {
  readonly files: number;
  readonly samples: number;
  readonly axes: readonly number[];
  readonly shape: readonly number[]; // of the statistics
  readonly count: number; // elements of a group
  readonly mean: number[];
  readonly deviation: number[];
  readonly names?: readonly string[] | undefined;
}

/** Files of one shape have the same columns, too. */
function checkSame(files: readonly NumberFile[]): NumberFile {
  const [first] = files;
  if (first === undefined) throw new Error("no file is given");
  for (const { path, sample, names } of files) {
    if (String(sample) !== String(first.sample)) {
      throw new Error(`${path}: samples of shape [${sample}], expected [${first.sample}]`);
    }
    if (String(names) !== String(first.names)) {
      throw new Error(`${path}: columns of numbers ${names}, expected ${first.names}`);
    }
  }
  return first;
}

export async function fileMoments(
  paths: readonly string[],
  options: MomentsCommandOptions = {},
): Promise<FileMoments> {
  const files = await Promise.all(paths.map((path) => numberFile(path, options)));
  const { sample, names } = checkSame(files);
  const rank = sample.length + 1;
  const axes = options.axes ?? (rank === 1 ? [0] : [...Array(rank - 1).keys()]);
  const { context } = await requireGpu();
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const total = new MomentsAccumulator(context, { shape: [-1, ...sample], axes });
  const each = sample.reduce((a, b) => a * b, 1);
  let [before, samples] = [0, 0];
  for (const { chunks, bytes } of files) {
    for await (const chunk of chunks((read) => options.onProgress?.(before + read, all))) {
      const isFloat = chunk instanceof Float32Array; // of other types the bits would be taken
      const values = isFloat ? chunk : Float32Array.from(chunk as Uint8Array);
      samples += values.length / each;
      await total.add(values);
    }
    before += bytes;
  }
  if (samples === 0) throw new Error(`${paths.join(", ")}: no element, expected samples`);
  const { mean, count } = total.moments();
  const variance = total.variance({ correction: options.correction ?? 0 });
  const [means, variances] = [await mean.read(), await variance.read()];
  const shape = [...mean.shape];
  total.destroy();
  return {
    files: files.length,
    samples,
    axes,
    shape,
    count: count as number,
    mean: [...means],
    deviation: [...variances].map(Math.sqrt),
    names,
  };
}

const MOST_LINES = 40;

/** The place of a group in an array of statistics: "2" or "0,2". */
function placeOf(i: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = i;
  for (const length of shape.toReversed()) {
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place.length ? place.join() : "all";
}

/** Writes a table of groups, the first ones of many. */
export function momentsText(m: FileMoments): string {
  const named = m.names?.length === m.mean.length ? m.names : undefined;
  const name = (i: number) => named?.[i] ?? placeOf(i, m.shape);
  const rows = m.mean.slice(0, MOST_LINES).map((mean, i) => {
    return [name(i), mean.toPrecision(7), (m.deviation[i] as number).toPrecision(7)];
  });
  const table = [["group", "mean", "deviation"], ...rows];
  const widths = [0, 1, 2].map((i) => Math.max(...table.map((row) => (row[i] as string).length)));
  const lines = table.map((row) =>
    row
      .map((text, i) => (i ? text.padStart(widths[i] as number) : text.padEnd(widths[i] as number)))
      .join("  "),
  );
  const more = m.mean.length - rows.length;
  return [
    `${m.samples} samples of ${m.files} file${m.files === 1 ? "" : "s"}, ${m.count} elements a group`,
    ...lines,
    ...(more > 0 ? [`and ${more} groups more; --json has all`] : []),
  ].join("\n");
}
