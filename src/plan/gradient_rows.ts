// This file plans the backward of rows that stay in registers: one pass reads x and dy, writes dx, and
// sums for the gradients of weight and bias, which all rows share. Each team goes through many rows
// and leaves a record of its sums.

import * as files from "../wgsl/files";
import { dxPass } from "./dx_pass";
import {
  loopFragments,
  overPartials,
  statisticsSource,
  storeFragments,
  teamFragment,
} from "./fragments";
import {
  DX_ARRAYS,
  DX_INPUTS,
  dxSumFragments,
  loadRegisters,
  statisticsFragments,
  sumAlong,
  sumsToGradients,
} from "./gradient_sums";
import { type Partition, partitionByGroup, powerAtLeast } from "./heuristics";
import { UNIT_DIM } from "./loop_nest";
import type { ReductionPasses } from "./partials";
import { layoutPass, makePass } from "./pass";
import type { Pass, PlanState } from "./plan";
import { collapse, type Dim, type ParameterSums } from "./problem";
import type { StatisticsOffsets } from "./uniform_fields";

const REGISTER_VECTORS = 4; // of x, its gradient and two sums
const MAX_ROUNDS = 32; // rows of a team: the error of a sum grows with the length of its chain
const WORTH_ROUNDS = 2; // beside as many records as rows, a second read of x costs less
const RECORDS_EACH = 4; // of an invocation that merges, since a chain of loads takes long
const MERGE_BYTES = 8192; // of workgroup memory: teams side by side share memory transactions
const RECORD_BYTES = 8; // per element of a row: two sums

/**
 * Returns the rows of a team, one after the other: as many as leave enough invocations to keep the
 * device busy, within the limit. A team waits for the loads of each row: with a quarter of the teams, an
 * H100 takes up to three times as long. WORTH_ROUNDS are worth it even if half of the device is idle.
 */
function roundsOf({ profile }: PlanState, { nest, workgroup, team }: Partition): number {
  const jobs = Math.ceil(nest.groups / (workgroup / team)); // of workgroups
  const busy = Math.ceil((profile.workgroups * profile.workgroup) / workgroup);
  const worth = Math.min(WORTH_ROUNDS, Math.floor((4 * jobs) / busy));
  return Math.min(MAX_ROUNDS, Math.max(worth, Math.ceil(jobs / busy)));
}

/** Returns whether all rows have the same parameters, whose gradients are sums over all rows. */
const sharesParameters = ({ problem }: PlanState, collected: ParameterSums) =>
  problem.shape.every((size, i) => size === 1 || problem.reduced[i] !== collected.reduced[i]);

/**
 * Plans the pass and the merge of its records. Returns null where rows do not fit into registers, are
 * too few, or leave more records than a merge can bind. `stores` are the statistics that later passes need.
 */
export function dxWithRowSums(
  m: PlanState,
  collected: ParameterSums,
  stores: StatisticsOffsets,
): ReductionPasses | null {
  const { problem } = m;
  if (!sharesParameters(m, collected)) return null;
  const layout = layoutPass(m, DX_ARRAYS, DX_INPUTS);
  const partition = partitionByGroup(m, layout, REGISTER_VECTORS);
  if (partition === null || !canKeep(partition)) return null;
  const rounds = roundsOf(m, partition);
  const columns = parameterDim(m, collected);
  if (rounds === 1 || columns === null) return null;
  const statistics = statisticsFragments(m, partition, storeFragments(m, stores));
  const source = statisticsSource(problem, stores);
  const values = { offsets: stores, source, constants: loadRegisters(m, partition), rounds };
  const sums = dxSumFragments(m, partition);
  const kernel = files.kernelBackwardRows;
  const pass = dxPass(m, layout, partition, statistics, sums, values, kernel);
  const workgroups = pass.dispatches.reduce((sum, { grid: [x, y] }) => sum + x * y, 0);
  const teams = workgroups * (partition.workgroup / partition.team);
  const merge = mergePass(m, collected, columns, teams);
  const scratch = { records: RECORD_BYTES * columns.size * teams };
  return merge && { passes: [pass, merge], scratch };
}

/** Returns whether a pass over rows has the layout that records need. */
function canKeep(partition: Partition): boolean {
  const { nest, registerVectors } = partition;
  const isRow = !nest.columns && nest.vectorWidth === 4 && nest.outer.length === 0;
  return registerVectors > 0 && isRow;
}

/** Returns the dimension along which the gradients of weight and bias lie, if it is a single one. */
function parameterDim(m: PlanState, collected: ParameterSums): Dim | null {
  const { dims } = sumAlong(m, collected.reduced, collected, {});
  const kept = dims.filter(({ reduced }) => !reduced);
  const [columns, ...others] = collapse(kept, ["dFirst", "dSecond"]);
  return columns && others.length === 0 ? columns : null;
}

/** Plans the sums of records, with neighbouring invocations at neighbouring parameters. */
function mergePass(
  m: PlanState,
  collected: ParameterSums,
  columns: Dim,
  teams: number,
): Pass | null {
  const { store, extents } = sumsToGradients(m, collected);
  const records: Dim = { ...UNIT_DIM, size: teams, partials: 2 * columns.size };
  const { size, dFirst, dSecond } = columns;
  const along: Dim = { ...UNIT_DIM, reduced: false, size, partials: 1, dFirst, dSecond };
  const layout = {
    dims: [records, along],
    extents: { ...extents, partials: { offset: 0, bytes: 4 } },
    vectorized: ["partials"] as const,
    flexible: [],
  };
  const { wideWorkgroup } = m.profile;
  const profile = { ...m.profile, workgroup: wideWorkgroup, combineBytes: MERGE_BYTES };
  const team = Math.min(wideWorkgroup, powerAtLeast(teams / RECORDS_EACH));
  const partition = partitionByGroup({ profile, overrides: { columns: true, team } }, layout, 0);
  if (partition === null) return null; // a binding has no room for the records
  const fragments = [
    ...loopFragments(partition),
    files.statisticsNone,
    files.loadForSumsNone,
    overPartials(files.sumRecords),
    teamFragment(m, partition),
    ...store,
    files.kernelGradientSums,
  ];
  return makePass(m, "merge", partition, fragments, {});
}
