// The heuristics: how a walk is shared out over invocations, from sizes and the device profile.
// The numbers come from measurements on CPU adapters and from public figures of GPUs (Planning in
// ARCHITECTURE.md); tests force every alternative and compare the results.

import { fail } from "../base/errors";
import type { DeviceProfile } from "./device_profile";
import {
  canVectorize,
  type LoopNest,
  loopNestOf,
  type PassLayout,
  prefersColumns,
} from "./loop_nest";
import type { PlanOverrides } from "./overrides";
import type { Dim } from "./problem";
import { type TileSize, type Tiling, tileOf, tileSizeFor } from "./tiling";

/** How one pass is shared out. */
export interface Partition extends Tiling {
  readonly workgroup: number;
  readonly team: number; // invocations of a job
  readonly registerVectors: number; // packs an invocation keeps in registers; 0: reads them again
  readonly slices: number; // jobs of a group in a box
}

/** Vectors that the shaders have registers for: of x alone, or of x and its gradient together. */
export const REGISTER_VECTORS = 16;
export const CHAIN_LIMIT = 32 ** 3; // vectors an invocation before a sum's outermost chain exceeds 32

const powerAtLeast = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

interface TeamSize {
  readonly team: number;
  readonly workgroup: number;
}

/**
 * A group an invocation, where barriers cost more than most groups; but a workgroup for each of a few long rows,
 * which would leave most lanes of the processor's vectors idle.
 */
function loneTeam({ workgroup, loneRow }: DeviceProfile, nest: LoopNest): TeamSize {
  const each = nest.groupVectors / workgroup;
  const few = !nest.columns && nest.groups < workgroup;
  const lone = few && loneRow !== undefined && each >= loneRow.min && each <= loneRow.max;
  return { team: lone ? workgroup : 1, workgroup };
}

/** Rows: a few vectors an invocation, and wide workgroups where one could not keep the row in registers. */
function rowTeam(profile: DeviceProfile, { groupVectors }: LoopNest): TeamSize {
  const { workgroup, wideWorkgroup, vectorsPerInvocation } = profile;
  if (groupVectors > workgroup * REGISTER_VECTORS) {
    return { team: wideWorkgroup, workgroup: wideWorkgroup };
  }
  return {
    team: Math.min(powerAtLeast(groupVectors / vectorsPerInvocation), workgroup),
    workgroup,
  };
}

/** Columns: as many side by side as fill a memory transaction. */
function columnTeam(profile: DeviceProfile, nest: LoopNest): TeamSize {
  const { combineBytes, columnVectors, columnElements, vectorsPerInvocation } = profile;
  const bytes = 4 * (3 * nest.vectorWidth + 1); // what one invocation puts into workgroup memory
  const most = 2 ** Math.floor(Math.log2(combineBytes / bytes));
  const workgroup = Math.min(profile.workgroup, most);
  const wide = nest.vectorWidth === 4 ? columnVectors : columnElements;
  const across = Math.min(powerAtLeast(nest.groups), wide, workgroup);
  const team = Math.min(workgroup / across, powerAtLeast(nest.groupVectors / vectorsPerInvocation));
  return { team, workgroup };
}

function teamOf(profile: DeviceProfile, nest: LoopNest): TeamSize {
  if (profile.loneRow) return loneTeam(profile, nest);
  return nest.columns ? columnTeam(profile, nest) : rowTeam(profile, nest);
}

/** As many slices as keep the device busy, none shorter than is worth a job. */
function slicesFor(profile: DeviceProfile, nest: LoopNest, team: TeamSize, least: number): number {
  const jobs = (profile.workgroups * team.workgroup) / team.team;
  const busy = Math.ceil(jobs / nest.groups);
  const exact = Math.ceil(nest.groupVectors / (CHAIN_LIMIT * team.team));
  return Math.max(exact, Math.min(busy, Math.floor(nest.groupVectors / least)), 1);
}

/** At least so many slices, none of which begins within a run that another could have as a whole, or a like part of. */
function alignSlices({ inner, groupVectors }: LoopNest, slices: number): number {
  const each = Math.ceil(groupVectors / slices);
  const [runs, parts] = [Math.floor(each / inner.size), Math.ceil(inner.size / each)];
  return Math.ceil(groupVectors / (runs > 0 ? runs * inner.size : Math.ceil(inner.size / parts)));
}

/** Vectors of a slice that is worth a job of its own. */
const minSliceVectors = (profile: DeviceProfile, { team }: TeamSize) =>
  team * profile.minSliceVectors;

function partitionOf(
  { nest, tileSize, tile }: TiledNest,
  team: TeamSize,
  slices: number,
  maxRegisterVectors: number,
): Partition {
  const slicePacks = Math.ceil(tile.groupVectors / slices);
  const each = powerAtLeast(Math.ceil(slicePacks / team.team));
  return {
    nest,
    tileSize,
    ...team,
    registerVectors: each <= maxRegisterVectors ? each : 0,
    slices: Math.ceil(tile.groupVectors / slicePacks),
    sliceVectors: slicePacks,
  };
}

function overrideTeam(team: TeamSize, overrides: PlanOverrides): TeamSize {
  if (overrides.team === undefined) return team;
  return { team: overrides.team, workgroup: Math.max(team.workgroup, overrides.team) };
}

/** A walk in boxes, and the first of them. */
interface TiledNest {
  readonly nest: LoopNest;
  readonly tileSize: TileSize;
  readonly tile: LoopNest;
}

function nestFor(layout: PassLayout, overrides: PlanOverrides): LoopNest {
  const columns = overrides.columns ?? prefersColumns(layout.dims);
  const width = canVectorize(layout, columns) ? (overrides.vectorWidth ?? 4) : 1;
  return loopNestOf(layout, columns, width);
}

/** Boxes of packs, or of single elements where four lie too far apart; null where no whole group fits. */
function tiledNestFor(
  profile: DeviceProfile,
  layout: PassLayout,
  overrides: PlanOverrides,
  whole = false,
): TiledNest | null {
  const nest = nestFor(layout, overrides);
  return (
    tileNest(profile, nest, whole) ?? tileNest(profile, loopNestOf(layout, nest.columns, 1), whole)
  );
}

function tileNest(
  { maxBindingBytes }: DeviceProfile,
  nest: LoopNest,
  whole: boolean,
  from?: TileSize,
): TiledNest | null {
  const tileSize = tileSizeFor(nest, maxBindingBytes, whole, from);
  return tileSize && { nest, tileSize, tile: tileOf(nest, tileSize) };
}

/** What a window has to hold at least are the records of a group, or an element and its neighbours. */
function requireTiles(
  { op }: PassLayout,
  { maxBindingBytes }: DeviceProfile,
  tiled: TiledNest | null,
): TiledNest {
  const expected = `expected it within a binding of ${maxBindingBytes} bytes (maxStorageBufferBindingSize)`;
  return tiled ?? fail(op, `what belongs together is too far apart in memory, ${expected}`);
}

/** The team for a pass that measures, and the slices that it would like. */
function measuringTeam(
  profile: DeviceProfile,
  nest: LoopNest,
  overrides: PlanOverrides,
): [TeamSize, number] {
  const team = overrideTeam(teamOf(profile, nest), overrides);
  const wanted = () =>
    alignSlices(nest, slicesFor(profile, nest, team, minSliceVectors(profile, team)));
  const slices = overrides.slices ?? wanted();
  return [team, Math.min(slices, nest.groupVectors)];
}

/** Whether one job a group would leave the device idle, or read memory badly. */
export function shouldSplit(
  profile: DeviceProfile,
  layout: PassLayout,
  overrides: PlanOverrides,
): boolean {
  const [, slices] = measuringTeam(profile, nestFor(layout, overrides), overrides);
  return (
    overrides.split ?? (slices > 1 || deferInner(profile, layout.dims, overrides) !== layout.dims)
  );
}

/** At most so many vectors that an invocation keeps in registers. */
function registerVectorsFor(profile: DeviceProfile, { inRegisters }: PlanOverrides, most: number) {
  if (inRegisters === undefined) return Math.min(most, profile.registerVectors);
  return inRegisters ? most : 0;
}

/** For a pass that measures in slices. */
export function partitionInSlices(
  profile: DeviceProfile,
  layout: PassLayout,
  overrides: PlanOverrides,
  maxRegisterVectors: number,
): Partition {
  const tiled = requireTiles(layout, profile, tiledNestFor(profile, layout, overrides));
  const [team, slices] = measuringTeam(profile, tiled.tile, overrides);
  return partitionOf(
    tiled,
    team,
    slices,
    registerVectorsFor(profile, overrides, maxRegisterVectors),
  );
}

/** For a pass with one job a group; null where a group does not fit into windows. */
export function partitionByGroup(
  profile: DeviceProfile,
  layout: PassLayout,
  overrides: PlanOverrides,
  maxRegisterVectors: number,
): Partition | null {
  const tiled = tiledNestFor(profile, layout, overrides, true);
  if (tiled === null) return null;
  const [team] = measuringTeam(profile, tiled.tile, overrides);
  return partitionOf(tiled, team, 1, registerVectorsFor(profile, overrides, maxRegisterVectors));
}

/** The same with another array, of which a box has no part but its groups': records. */
export function repartition(
  profile: DeviceProfile,
  partition: Partition,
  layout: PassLayout,
): Partition {
  const { columns, vectorWidth } = partition.nest;
  const nest = loopNestOf(layout, columns, vectorWidth);
  const { tileSize } = requireTiles(
    layout,
    profile,
    tileNest(profile, nest, false, partition.tileSize),
  );
  return { ...partition, nest, tileSize };
}

/** For a pass that merges records, of which there are few. */
export function partitionMerge(profile: DeviceProfile, layout: PassLayout): Partition {
  const whole = requireTiles(
    layout,
    profile,
    tileNest(profile, loopNestOf(layout, false, 1), true),
  );
  return partitionOf(whole, teamOf(profile, whole.tile), 1, 0);
}

/** For a pass that applies given statistics: any partition will do, so many short jobs. */
export function partitionElementwise(
  profile: DeviceProfile,
  layout: PassLayout,
  overrides: PlanOverrides,
): Partition {
  const tiled = requireTiles(layout, profile, tiledNestFor(profile, layout, overrides));
  const { tile } = tiled;
  const alone = { team: 1, workgroup: profile.workgroup }; // nothing to combine
  const team = profile.loneRow ? alone : teamOf(profile, tile);
  const length = team.team * profile.elementwiseVectors;
  const slices = Math.max(
    Math.ceil(tile.groupVectors / length),
    slicesFor(profile, tile, team, minSliceVectors(profile, team)),
  );
  return partitionOf(tiled, team, alignSlices(tile, slices), 0);
}

/**
 * Treats a short contiguous reduced dimension as kept (GroupNorm with channels last), so that
 * neighbouring invocations read neighbouring memory; its moments are merged afterwards.
 */
export function deferInner(
  { deferInnerBelow }: DeviceProfile,
  dims: readonly Dim[],
  overrides: PlanOverrides,
): readonly Dim[] {
  const last = dims.at(-1);
  const others = dims.slice(0, -1);
  if (last === undefined || !last.reduced || !others.some((d) => d.reduced)) return dims;
  const worth = last.size < deferInnerBelow;
  return (overrides.deferInner ?? worth) ? [...others, { ...last, reduced: false }] : dims;
}
