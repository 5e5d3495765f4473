// Reductions in one stage or two: records of slices, and their merge. Every partial result has a place of
// its own, so that there are no atomics.

import { contiguous } from "../base/shape";
import * as files from "../wgsl/files";
import type { Module } from "../wgsl/link";
import { elements, given, INTO_PLANES, measuring, sourceFrom, walking } from "./fragments";
import {
  loosen,
  MOST_HELD,
  type Sharing,
  shareFurther,
  shareMeasure,
  shareMerge,
  shareWhole,
  splits,
} from "./heuristics";
import { countOf, type Laid, POINT } from "./loop_nest";
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
} from "./pass";
import { collapse, type Dim, type Operand, type Stepped } from "./problem";
import { slicesIn, tilesOf } from "./tiling";
import { NONE, type Planes } from "./uniforms";

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

/**
 * The dimensions of a merge: what the first stage kept, and slices. What a result repeats along is reduced.
 */
function mergeDims(
  original: readonly Dim[],
  stage: readonly Dim[],
  slices: number,
  { along, reads = [] }: Result,
): Dim[] {
  const slice: Dim = { ...POINT, size: slices, x: 1 };
  const kept = stage.flatMap((d, i) => {
    if (d.reduced) return [];
    const to = Object.fromEntries([...along, ...reads].map((name) => [name, original[i][name]]));
    const repeats = along.every((name) => original[i][name] === 0);
    return [{ ...POINT, size: d.size, reduced: repeats, x: d.y, ...to }];
  });
  return [...kept, slice].filter((d) => d.size !== 1);
}

/** What becomes of records, or of a single stage's sums. */
export interface Result {
  readonly along: readonly Stepped[]; // strides by which it is stored
  readonly reads?: readonly Operand[]; // what is read beside the records
  readonly at: Laid["at"];
  readonly sink: readonly Module[];
  readonly planes?: Planes; // in which it is
  readonly merge: (sharing: Sharing, sink: readonly Module[]) => readonly Module[];
}

/** Something to be reduced: into records of slices and then to its results, or to the only one at once. */
export interface Reduction {
  readonly laid: Laid;
  readonly does: Pass["does"];
  readonly mostHeld: number;
  /** Whether one stage can do, where one slice is enough. */
  readonly direct: boolean;
  readonly results: readonly Result[];
  readonly records: Module; // the sink of the first stage
  readonly stage: (sharing: Sharing, sink: readonly Module[]) => readonly Module[];
  readonly values: (sharing: Sharing) => Values; // of the first stage
}

export interface Reduced {
  readonly passes: readonly Pass[];
  readonly scratch: Scratch;
}

/** Every partial result has a place of its own, so that there are no atomics. */
export function reduced(m: Making, r: Reduction): Reduced {
  return (r.direct && inOneStage(m, r)) || inTwoStages(m, r);
}

function inOneStage(m: Making, { laid, results: [result], ...r }: Reduction): Reduced | null {
  const { profile, force } = m;
  if (splits(profile, laid, force)) return null;
  const at = { ...laid.at, ...result.at };
  const sharing = shareWhole(profile, { ...laid, at }, force, r.mostHeld);
  if (sharing === null) return null;
  const values = { ...r.values(sharing), planes: result.planes };
  const passes = [passOf(m, r.does, sharing, r.stage(sharing, result.sink), values)];
  return fits(m, { passes }) ? { passes, scratch: {} } : null;
}

function inTwoStages(m: Making, { laid, results, ...r }: Reduction): Reduced {
  const { profile, force } = m;
  const loosened = { ...laid, dims: loosen(laid.dims, force) };
  const first = shareMeasure(profile, loosened, force, r.mostHeld);
  const slices = slicesIn(tilesOf(first));
  const stage = withRecords(loosened, slices);
  const sharing = shareFurther(profile, first, stage);
  const records = { offset: 0, bytes: RECORD_BYTES };
  const merges = results.map((result) => {
    const { along, reads = [], planes } = result;
    const dims = collapse(mergeDims(laid.dims, stage.dims, slices, result), [
      "x",
      ...along,
      ...reads,
    ]);
    const at = { x: records, ...result.at };
    const merging = shareMerge(profile, { ...laid, dims, at, packed: [], loose: [] });
    return passOf(m, "merge", merging, result.merge(merging, result.sink), { planes });
  });
  const size = countOf(stage.dims.filter((d) => !d.reduced)) * slices;
  return {
    passes: [
      passOf(m, r.does, sharing, r.stage(sharing, [r.records]), r.values(sharing)),
      ...merges,
    ],
    scratch: { records: RECORD_BYTES * size },
  };
}

/** Statistics of x, into planes. */
export function reducedStatistics(m: Making, planes: Planes): Reduced {
  const reading = { ...m, problem: { ...m.problem, inPlace: false } };
  const laid = lay(m, ["x"], ["residual", "residualBias"]);
  const read = (sharing: Sharing) => [...elements(reading, sharing), files.sourceSummands];
  const all = (sharing: Sharing, source: readonly Module[], sink: readonly Module[]) => [
    ...walking(sharing),
    ...source,
    ...measuring(m, sharing, sink),
    files.kernelStatistics,
  ];
  return reduced(m, {
    laid,
    does: "measure",
    direct: true,
    mostHeld: MOST_HELD,
    results: [
      {
        along: ["stat"],
        at: {},
        sink: INTO_PLANES,
        planes,
        merge: (sharing, sink) => all(sharing, [files.sourcePartials], sink),
      },
    ],
    records: files.storeStatisticsPartials,
    stage: (sharing, sink) => all(sharing, read(sharing), sink),
    values: () => ({ bytes: traffic(laid, m.problem.layouts) }),
  });
}
/** Statistics of the caller's into planes. */
function handOver(m: Making, planes: Planes): Pass {
  const laid = lay(m, [], []);
  const sharing = shareWhole(m.profile, laid, m.force, 0) as Sharing; // it has no arrays of x's size
  const modules = [...walking(sharing), ...given(m, sharing, INTO_PLANES), files.kernelStatistics];
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
