// Reductions in one stage or two: records of slices, and their merge. Every partial result has a place of
// its own, so that there are no atomics.

import {
  loosen,
  MOST_HELD,
  type Sharing,
  shareFurther,
  shareMeasure,
  shareMerge,
  shareWhole,
  splits,
} from "./choice";
import type { Module } from "./link";
import * as files from "./modules";
import { NONE, type Planes } from "./params";
import { elements, given, measuring, sourceFrom, walking } from "./parts";
import {
  fits,
  lay,
  type Making,
  making,
  type Pass,
  passOf,
  type Scratch,
  traffic,
  type Values,
} from "./planner";
import { collapse, type Dim, type Stepped } from "./problem";
import { contiguous } from "./shape";
import { countOf, type Laid, POINT } from "./walk";
import { slicesIn, tilesOf } from "./windows";

const RECORD_BYTES = 16;

/**
 * The arrays of a first stage, whose results are records: one a kept index and slice, at the strides of y,
 * so that those of a group are neighbours. Loosened dimensions are kept in this stage and reduced in the merge.
 */
function withRecords({ dims, at, ...laid }: Laid, slices: number): Laid {
  const kept = dims.filter((d) => !d.reduced);
  const strides = contiguous([...kept.map((d) => d.size), slices]);
  const place = new Map(kept.map((d, i) => [d, strides[i]]));
  const y = { offset: 0, bytes: RECORD_BYTES, beyond: slices - 1 };
  return {
    ...laid,
    dims: dims.map((d) => ({ ...d, y: place.get(d) ?? 0 })),
    at: { ...at, y },
  };
}

/** The dimensions of the merge: what the first stage kept, and slices. */
function mergeDims(
  original: readonly Dim[],
  stage: readonly Dim[],
  slices: number,
  results: readonly Stepped[],
): Dim[] {
  const slice: Dim = { ...POINT, size: slices, x: 1 };
  const kept = stage.flatMap((d, i) => {
    if (d.reduced) return [];
    const to = Object.fromEntries(results.map((name) => [name, original[i][name]]));
    return [{ ...POINT, size: d.size, reduced: original[i].reduced, x: d.y, ...to }];
  });
  return [...kept, slice].filter((d) => d.size !== 1);
}

/** Something to be reduced: into records of slices and then to its results, or to these at once. */
export interface Reduction {
  readonly laid: Laid;
  readonly does: Pass["does"];
  readonly mostHeld: number;
  /** Whether one stage can do, where one slice is enough. */
  readonly direct: boolean;
  /** Strides and offsets by which the results are stored. */
  readonly results: readonly Stepped[];
  readonly at: Laid["at"];
  readonly records: Module; // the sink of the first stage
  readonly sink: readonly Module[]; // of the results
  readonly planes?: Planes; // in which they are
  readonly stage: (sharing: Sharing, sink: readonly Module[]) => readonly Module[];
  readonly values: (sharing: Sharing) => Values; // of the first stage
  readonly merge: (sharing: Sharing, sink: readonly Module[]) => readonly Module[];
}

interface Reduced {
  readonly passes: readonly Pass[];
  readonly scratch: Scratch;
}

/** Every partial result has a place of its own, so that there are no atomics. */
export function reduced(m: Making, r: Reduction): Reduced {
  const { profile, force } = m;
  const { laid, planes, mostHeld, results } = r;
  const at = { ...laid.at, ...r.at };
  const whole =
    r.direct && !splits(profile, laid, force)
      ? shareWhole(profile, { ...laid, at }, force, mostHeld)
      : null;
  if (whole !== null) {
    const values = { ...r.values(whole), planes };
    const passes = [passOf(m, r.does, whole, r.stage(whole, r.sink), values)];
    if (fits(m, { passes })) return { passes, scratch: {} };
  }
  const loosened = { ...laid, dims: loosen(laid.dims, force) };
  const first = shareMeasure(profile, loosened, force, mostHeld);
  const slices = slicesIn(tilesOf(first));
  const stage = withRecords(loosened, slices);
  const sharing = shareFurther(profile, first, stage);
  const dims = collapse(mergeDims(laid.dims, stage.dims, slices, results), ["x", ...results]);
  const records = { offset: 0, bytes: RECORD_BYTES };
  const merged = { ...laid, dims, at: { x: records, ...r.at }, packed: [], loose: [] };
  const merging = shareMerge(profile, merged);
  return {
    passes: [
      passOf(m, r.does, sharing, r.stage(sharing, [r.records]), r.values(sharing)),
      passOf(m, "merge", merging, r.merge(merging, r.sink), { planes }),
    ],
    scratch: { records: RECORD_BYTES * countOf(dims) },
  };
}

/** Statistics of x, into planes. */
export function reducedStatistics(m: Making, planes: Planes): Reduced {
  const reading = { ...m, problem: { ...m.problem, inPlace: false } };
  const laid = lay(m, ["x"], ["residual", "residualBias"]);
  const read = (sharing: Sharing) => [...elements(reading, sharing), files.sourceTerms];
  const all = (sharing: Sharing, source: readonly Module[], sink: readonly Module[]) => [
    ...walking(sharing),
    ...source,
    ...measuring(m, sharing, sink),
    files.reduce,
  ];
  return reduced(m, {
    laid,
    does: "measure",
    direct: true,
    mostHeld: MOST_HELD,
    results: ["stat"],
    at: {},
    records: files.sinkRecords,
    sink: [files.sinkStatistics],
    planes,
    stage: (sharing, sink) => all(sharing, read(sharing), sink),
    values: () => ({ bytes: traffic(laid, m.problem.layouts) }),
    merge: (sharing, sink) => all(sharing, [files.sourceRecords], sink),
  });
}
/** Statistics of the caller's into planes. */
function handOver(m: Making, planes: Planes): Pass {
  const laid = lay(m, [], []);
  const sharing = shareWhole(m.profile, laid, m.force, 0) as Sharing; // it has no arrays of x's size
  const modules = [...walking(sharing), ...given(m, sharing, files.sinkStatistics), files.reduce];
  return passOf(m, "measure", sharing, modules, {
    planes: { ...planes, first: NONE, second: NONE },
    source: sourceFrom(m.problem, planes),
  });
}

/** Statistics into planes, wherever they come from. */
export const intoPlanes = (m: Making, planes: Planes): Reduced =>
  m.problem.given ? { passes: [handOver(m, planes)], scratch: {} } : reducedStatistics(m, planes);

/** The same problem with its statistics in planes already. */
export const fromPlanes = (m: Making): Making =>
  making({ ...m.problem, given: null }, m.profile, m.force);
