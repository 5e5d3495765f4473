// Plans for y from x, and for statistics alone.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import type { Module } from "../wgsl/link";
import { output } from "./bindings";
import type { Profile } from "./device_profile";
import {
  elements,
  given,
  handing,
  INTO_PLANES,
  measuring,
  parameters,
  parametersVary,
  sinkFor,
  sourceFrom,
  walking,
} from "./fragments";
import {
  type Force,
  loosen,
  MOST_HELD,
  type Sharing,
  shareApply,
  shareWhole,
  splits,
} from "./heuristics";
import type { Laid } from "./loop_nest";
import {
  dense,
  fits,
  lay,
  type Made,
  type Making,
  making,
  nothing,
  type Pass,
  PLAIN,
  PLANE,
  type Plan,
  passOf,
  planesFor,
  planOf,
  rebound,
  tooMany,
  traffic,
  type Values,
  valuesPass,
} from "./pass";
import type { Problem, Track } from "./problem";
import { fromPlanes, intoPlanes } from "./two_stage";
import { NO_SOURCE, type Planes } from "./uniforms";

const PACKED = ["x", "y", "sum"] as const;
const LOOSE = [
  "residual",
  "residualBias",
  "weight",
  "bias",
  "scale",
  "shift",
  "threshold",
] as const;

export function planForward(problem: Problem, profile: Profile, force: Force = {}): Plan {
  const m = making(problem, profile, force);
  if (m.groups * m.count === 0) return planOf(m, nothing(planesOf(m, false)));
  for (const way of WAYS) {
    const made = way(m);
    if (fits(m, made)) return planOf(m, made);
  }
  return tooMany(m);
}

function scheduled(m: Making): Made {
  return tracked(m, m.problem.given ? applied(m) : (fused(m) ?? split(m)));
}

/** Where there are more arrays than a pass can have: statistics in passes of their own. */
const throughPlanes = (m: Making): Made => tracked(m, split(m));

function tracked(m: Making, made: Made): Made {
  const { track } = m.problem;
  if (track === null) return made;
  return { ...made, passes: [...made.passes, trackPass(m, track, made.planes)] };
}

/** Where that is not enough: the sum with the residual in a pass of its own, too. */
function summedFirst(m: Making): Made {
  const { x, residual, residualBias, sum, ...others } = m.problem.layouts;
  const summed = dense(m.problem); // f32, whatever the type of `sum`: all plans take the norm of the same
  const adding: Problem = {
    ...m.problem,
    ...PLAIN,
    layouts: { x, residual, residualBias, y: summed, sum },
    activation: NO_ACTIVATION,
  };
  const norm = { ...m.problem, layouts: { ...others, x: summed }, inPlace: false };
  const add = applied(making(adding, m.profile, m.force)).passes;
  const rest = throughPlanes(making(norm, m.profile, m.force));
  return {
    ...rest,
    passes: [
      ...add.map((pass) => rebound(pass, "y", "summed")),
      ...rest.passes.map((pass) => rebound(pass, "x", "summed")),
    ],
    scratch: { ...rest.scratch, summed: 4 * sizeOf(m.problem.shape) },
  };
}

const WAYS = [scheduled, throughPlanes, summedFirst];

const hasY = ({ problem }: Making) => problem.layouts.y !== undefined;

/** The statistics that are written: those the caller gets and those that later passes need. */
function planesOf(m: Making, split: boolean) {
  const { results, track } = m.problem;
  const names = new Set<keyof Planes>(results.map((name) => PLANE[name]));
  if (track !== null) names.add("mean").add("variance");
  if (split && hasY(m)) for (const name of handing(m.problem)) names.add(name);
  return planesFor(m, names);
}

/** y, with statistics measured in the same pass or known. */
function yPass(
  m: Making,
  does: Pass["does"],
  laid: Laid,
  sharing: Sharing,
  statistics: Module[],
  values: Values,
): Pass {
  const { layouts } = m.problem;
  const { walk, held } = sharing;
  const modules = [
    ...walking(sharing),
    ...elements(m, sharing),
    ...statistics,
    ...m.problem.kind.form,
    ...parameters(m, sharing),
    output("y", walk, layouts, m.native),
    output("sum", walk, layouts, m.native),
    held > 0 ? files.writeRegisters : files.writeStreamed,
    files.kernelNormalize,
  ];
  const constants = parametersVary(sharing);
  return passOf(m, does, sharing, modules, {
    ...values,
    constants,
    bytes: traffic(laid, layouts),
  });
}

/** y from statistics that are there. */
export function applyPass(m: Making, values: Values, sink?: readonly Module[]): Pass {
  const laid = lay(m, PACKED, LOOSE);
  const loosened = { ...laid, dims: loosen(laid.dims, m.force) };
  const sharing = shareApply(m.profile, loosened, m.force);
  return yPass(m, "apply", laid, sharing, given(m, sharing, sink), values);
}

/** Given statistics: one read, one write. */
function applied(m: Making): Made {
  const [planes, statisticsSize] = planesOf(m, false);
  const values = { planes, source: sourceFrom(m.problem, planes) };
  const passes = [applyPass(m, values, sinkFor(planes))];
  return { schedule: "apply", passes, planes, statisticsSize, scratch: {} };
}

/** One pass, where one job a group keeps the device busy. */
function fused(m: Making): Made | null {
  const { profile, force } = m;
  const laid = hasY(m) ? lay(m, PACKED, LOOSE) : lay(m, ["x"], []);
  if (splits(profile, laid, force)) return null;
  const sharing = shareWhole(profile, laid, force, MOST_HELD);
  if (sharing === null) return null;
  const [planes, statisticsSize] = planesOf(m, false);
  const pass = hasY(m)
    ? yPass(
        m,
        "normalize",
        laid,
        sharing,
        [files.sourceSummands, ...measuring(m, sharing, sinkFor(planes))],
        { planes },
      )
    : measurePass(m, laid, sharing, planes);
  const schedule = sharing.walk.columns ? "column" : "row";
  return { schedule, passes: [pass], planes, statisticsSize, scratch: {} };
}

function measurePass(m: Making, laid: Laid, sharing: Sharing, planes: Planes): Pass {
  const modules = [
    ...walking(sharing),
    ...elements(m, sharing),
    files.sourceSummands,
    ...measuring(m, sharing, INTO_PLANES),
    files.kernelStatistics,
  ];
  const bytes = traffic(laid, m.problem.layouts);
  return passOf(m, "measure", sharing, modules, { planes, bytes });
}

/** Statistics into planes, and y from there. */
function split(m: Making): Made {
  const [planes, statisticsSize] = planesOf(m, true);
  const { passes, scratch } = intoPlanes(m, planes);
  const known = fromPlanes(m);
  const source = sourceFrom(known.problem, planes);
  const applies = hasY(m) ? [applyPass(known, { source })] : [];
  return { schedule: "split", passes: [...passes, ...applies], planes, statisticsSize, scratch };
}

/** Running statistics, a tiny pass over channels. */
function trackPass(m: Making, track: Track, planes: Planes): Pass {
  const source = { ...NO_SOURCE, mean: planes.mean, spread: planes.variance };
  const at = { x: track.meanOffset, y: track.varOffset };
  const size = m.groups / track.instances;
  const pass = valuesPass(m, "track", size, at, track.file, { source });
  return rebound(rebound(pass, "means", "statistics"), "variances", "statistics");
}
