// A report is the result of a run: plain data in one form for the browser, for Dawn in Node and for
// PyTorch.

import type { DType } from "../src/base/dtype";
import type { Overhead } from "./overhead";
import type { Shape } from "./workloads";

export interface Report {
  readonly date: string; // ISO 8601
  /** "Chromium 156.0.0.0", "Dawn (webgpu 0.6.2)", "PyTorch 2.8.0" */
  readonly engine: string;
  readonly adapter: string;
  readonly software: boolean;
  /** "wall clock", "timestamp queries", "CUDA events" */
  readonly clock: string;
  /** Processor, cores, system. */
  readonly machine: string;
  readonly libraries: readonly { id: string; name: string; version: string }[];
  readonly rows: readonly Row[];
  /** By library. */
  readonly bytes?: Readonly<Record<string, number>> | undefined;
  readonly cold?: Readonly<Record<string, { ms: number; samples: readonly number[] }>>;
  /** Of webgpu-norm, on the thread that calls it. */
  readonly overhead?: Overhead | undefined;
  /** In place of rows, of a run with `--accuracy`. */
  readonly accuracy?: readonly AccuracyRow[] | undefined;
  readonly error?: string | undefined;
}

export interface Row {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly oursAlone: boolean;
  /** By library. */
  readonly results: Readonly<Record<string, Outcome>>;
}

export type Outcome =
  | { readonly status: "none" }
  | { readonly status: "failed"; readonly message: string }
  | { readonly status: "wrong"; readonly maxError: number }
  | Timed;

export interface Timed {
  readonly status: "timed";
  /** How it was written, the fastest of several ways. */
  readonly way: string;
  /** The other ways: about how many milliseconds, or why not. */
  readonly others?: Readonly<Record<string, number | string>> | undefined;
  /** Median of one run, in milliseconds. */
  readonly ms: number;
  readonly samples: readonly number[];
  /** Runs in a sample. */
  readonly runs: number;
  /** One read and one write of x over that time. */
  readonly gbs: number;
  /** Time over that of the copy kernel on an f32 tensor of this shape. */
  readonly multiple?: number | undefined;
  /** Largest difference of any result from float64, relative to the largest value (at least 1). */
  readonly maxError?: number | undefined;
}

/** A workload on inputs that are hard for some formulas. */
export interface AccuracyRow {
  readonly name: string;
  readonly shape: Shape;
  /** What is special about x. */
  readonly values: string;
  /** By library. */
  readonly errors: Readonly<Record<string, Exactness>>;
}

/** The error of the most exact way. */
export interface Exactness {
  /** Relative to the largest value (at least 1); null: NaN came out. */
  readonly error: number | null;
  readonly way: string;
}

/** What `--tune` leaves. */
export interface Tuning {
  readonly date: string;
  readonly adapter: string;
  readonly software: boolean;
  readonly rows: readonly TunedRow[];
}

/** A workload's heuristics against the fastest of the plans measured. */
export interface TunedRow {
  readonly name: string;
  readonly shape: Shape;
  readonly heuristicMs: number;
  /** Of the fastest plan. */
  readonly ms: number;
  /** The heuristics' time over the fastest plan's. */
  readonly ratio: number;
  readonly measured: number;
  readonly changes: object;
}
