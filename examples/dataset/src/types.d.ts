// The nouns of this program, in the order of its work: a source is opened as a dataset, a plan cuts
// it into blocks, devices measure these, results are merged, the outcome becomes stats.json.

import type { MomentsState, MomentsStateJSON } from "webgpu-norm/moments";

/** A source says where the data are, as JSON for jobs. */
export interface Source {
  /** Ends in .npy, .zarr, .parquet, or .tar: a folder of shards. */
  readonly path: string;
  /** These axes share statistics, 0 among them. Default: all but the last. */
  readonly axes?: readonly number[] | undefined;
  /** The columns of Parquet. Default: all that are numbers. */
  readonly columns?: readonly string[] | undefined;
  /** A block has about this many bytes. Default 64 MiB. */
  readonly blockBytes?: number | undefined;
}

export type DType = "f32" | "f16" | "u8" | "i8" | "u16";

/** f16 are bits. */
export type Values = Float32Array | Uint16Array | Uint8Array | Int8Array;

/** A range of units, without last. */
export type Range = readonly [first: number, last: number];

/** A dataset is samples, one after the other, of which any range can be read. */
export interface Dataset {
  /** What ranges count: sample, row, shard. */
  readonly unit: string;
  readonly length: number;
  readonly unitBytes: number;
  /** So many units lie together: blocks have multiples of it. */
  readonly step: number;
  /** The shape of a sample. */
  readonly sample: readonly number[];
  readonly dtype: DType;
  /** The names of columns, where the format has them. */
  readonly names?: readonly string[];
  /** A text that changes when the data do. */
  readonly identity: string;
  /** Gives whole samples; rejects when their files have changed. */
  read(range: Range): Promise<Values>;
}

/** What a format knows: a dataset without its identity. */
export interface Opened extends Omit<Dataset, "identity"> {
  /** What the format says of the whole. */
  readonly about: string;
  /** The files that are read for a range. */
  filesOf(range: Range): readonly string[];
}

/** A plan is all that is known before anything is measured. */
export interface Plan {
  readonly source: Source;
  /** Names the data, the axes and the blocks. Jobs are named by it and their block. */
  readonly version: string;
  readonly unit: string;
  readonly length: number;
  readonly blocks: readonly Range[];
}

/** The options that all states of a dataset share. */
export interface StateOptions {
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly dtype: DType;
}

export type DeviceKind = "gpu" | "host";

/** A device measures values, and has a name that results tell. */
export interface Device {
  readonly name: string;
  measure(values: Values, options: StateOptions, range: Range): Promise<MomentsState>;
}

/** A result is what some blocks gave, and who measured them in what time. */
export interface Result {
  readonly state: MomentsStateJSON;
  /** So many blocks by the name of the device. */
  readonly blocks: Readonly<Record<string, number>>;
  readonly seconds: { readonly read: number; readonly measure: number };
  readonly bytes: number;
}

/** An outcome is what is known when all blocks were tried. */
export interface Outcome {
  readonly result: Result | null;
  readonly failed: readonly { readonly block: Range; readonly reason: string }[];
}

export interface Progress {
  /** Blocks. */
  readonly done: number;
  readonly failed: number;
  readonly all: number;
  readonly workers?: number | undefined;
}
