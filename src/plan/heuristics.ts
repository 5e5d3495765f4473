// The heuristics partition a loop nest over invocations, from sizes and the device profile. Their
// numbers come from measurements on CPU adapters and from public figures of GPUs
// (docs/design/planning.md). Tests override every choice and compare the results.

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
import { type TileSize, type Tiling, tileOf, tileSizeFor, tilesPerGroup } from "./tiling";

/** A partition distributes one pass over workgroups, teams and slices. */
export interface Partition extends Tiling {
  readonly workgroup: number;
  readonly team: number; // invocations per job
  readonly registerVectors: number; // vectors in registers per invocation; 0: it reads them again
  readonly fullVectors: number; // so many vectors every invocation of a team has
  readonly sliced: boolean; // false where every job is a whole group
  readonly slices: number; // jobs per group in a tile
}

/** Partitions follow from a device, and from choices against the heuristics. */
interface Choices {
  readonly profile: DeviceProfile;
  readonly overrides: PlanOverrides;
}

/**
 * The shaders have registers for this many vectors: of x alone, or of x and its gradient together.
 */
export const REGISTER_VECTORS = 16;
export const CHAIN_LIMIT = 32 ** 3; // vectors per invocation: a sum's outermost chain is then 32

const MOST_INVOCATIONS = 256; // per workgroup
const SMALL_TEAM = 16; // invocations of teams of small columns, and the least that merge few partials
const F32_VECTOR = 16; // bytes
const LEAST_RUN = 16; // bytes: of shorter runs, caches would move more than three passes do

export const powerAtLeast = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(1, n)));
const powerAtMost = (n: number) => 2 ** Math.floor(Math.log2(n));

interface TeamSize {
  readonly team: number;
  readonly workgroup: number;
}

/**
 * Gives each group one invocation, where barriers cost more than most groups. A few long rows get a
 * workgroup each, because one invocation per row would leave most lanes of the processor's vectors
 * idle.
 */
function loneTeam({ workgroup, loneRow }: DeviceProfile, nest: LoopNest): TeamSize {
  const each = nest.groupVectors / workgroup;
  const few = !nest.columns && nest.groups < workgroup;
  const lone = few && loneRow !== undefined && each >= loneRow.min && each <= loneRow.max;
  return { team: lone ? workgroup : 1, workgroup };
}

/**
 * Gives each invocation a few vectors of a row, or as many bytes of 16-bit or single elements, but
 * fewer where rows are too few to keep the device busy. A wide workgroup takes a row that a narrow one
 * could not keep in registers, and one of few rows.
 */
function rowTeam(
  profile: DeviceProfile,
  { groups, groupVectors, extents }: LoopNest,
  inRegisters: number,
): TeamSize {
  const { workgroup, wideWorkgroup } = profile;
  const bytes = profile.vectorsPerInvocation * F32_VECTOR;
  const vectorsPerInvocation = bytes / (extents.x?.bytes ?? F32_VECTOR);
  const busy = profile.workgroups * workgroup;
  const teamFor = (vectors: number) => powerAtLeast(groupVectors / vectors);
  const idle = (vectors: number) => groups * teamFor(vectors) < busy;
  let each = Math.min(vectorsPerInvocation, inRegisters || vectorsPerInvocation);
  while (each > 1 && idle(each)) each /= 2;
  const held = groupVectors <= workgroup * inRegisters && groups * workgroup >= busy;
  const width = held || teamFor(each) <= workgroup ? workgroup : wideWorkgroup;
  return { team: Math.min(teamFor(each), width), workgroup: width };
}

/**
 * Returns whether a nest takes hardly longer than the start of its pass, but long to compile. If it is
 * one of columns, its teams have one size, and their shares few, for all the shapes of a network.
 */
const isSmall = ({ groups, groupVectors }: LoopNest) =>
  groupVectors > 1 && groups * groupVectors <= 2 ** 15;

/** Puts so many columns side by side that they fill a memory transaction. */
function columnTeam(profile: DeviceProfile, nest: LoopNest): TeamSize {
  const { combineBytes, columnVectors, columnElements, vectorsPerInvocation } = profile;
  const bytes = 12 * nest.vectorWidth; // workgroup memory per invocation: two sums, and those of blocks
  const workgroup = Math.min(profile.workgroup, powerAtMost(combineBytes / bytes));
  const wide = nest.vectorWidth === 4 ? columnVectors : columnElements;
  const across = Math.min(powerAtLeast(nest.groups), wide, workgroup);
  const team = Math.min(workgroup / across, powerAtLeast(nest.groupVectors / vectorsPerInvocation));
  return { team: isSmall(nest) ? SMALL_TEAM : team, workgroup };
}

function usualTeam(profile: DeviceProfile, nest: LoopNest, inRegisters: number): TeamSize {
  if (profile.loneRow) return loneTeam(profile, nest);
  return nest.columns ? columnTeam(profile, nest) : rowTeam(profile, nest, inRegisters);
}

/**
 * Returns the usual team, or one of `forced` invocations, as far as the device allows. All fit into
 * the 16 KiB of workgroup memory that every device has: each of them has at most 48 bytes there.
 */
function teamOf(
  profile: DeviceProfile,
  nest: LoopNest,
  forced?: number,
  inRegisters = 0,
): TeamSize {
  const usual = usualTeam(profile, nest, inRegisters);
  const wanted = Math.max(usual.workgroup, forced ?? 1);
  const workgroup = powerAtMost(Math.min(wanted, MOST_INVOCATIONS, profile.invocations));
  return { team: Math.min(forced ?? usual.team, workgroup), workgroup };
}

/** Returns the slices that keep the device busy, but none shorter than is worth a job. */
function slicesFor(profile: DeviceProfile, nest: LoopNest, team: TeamSize, least: number): number {
  const jobs = (profile.workgroups * team.workgroup) / team.team;
  const busy = Math.ceil(jobs / nest.groups);
  const exact = Math.ceil(nest.groupVectors / (CHAIN_LIMIT * team.team));
  return Math.max(exact, Math.min(busy, Math.floor(nest.groupVectors / least)), 1);
}

/**
 * Rounds the slice count up so that slices start at inner-loop boundaries, or cut one inner loop
 * into equal parts.
 */
function alignSlices({ inner, groupVectors }: LoopNest, slices: number): number {
  const each = Math.ceil(groupVectors / slices);
  const [runs, parts] = [Math.floor(each / inner.size), Math.ceil(inner.size / each)];
  return Math.ceil(groupVectors / (runs > 0 ? runs * inner.size : Math.ceil(inner.size / parts)));
}

/** Returns the vectors of a slice that is worth a job of its own. */
const minSliceVectors = (profile: DeviceProfile, { team }: TeamSize) =>
  team * profile.minSliceVectors;

function partitionOf(
  { nest, tileSize, tile }: TiledNest,
  team: TeamSize,
  slices: number | null,
  maxRegisterVectors: number,
): Partition {
  const sliceVectors = Math.ceil(tile.groupVectors / (slices ?? 1));
  const each = Math.ceil(sliceVectors / team.team);
  const small = nest.columns && isSmall(tile);
  const even = tile.groupVectors === nest.groupVectors && nest.groupVectors % sliceVectors === 0;
  const share = small ? Math.min(maxRegisterVectors, Math.ceil(each / 8) * 8) : each;
  return {
    nest,
    tileSize,
    ...team,
    registerVectors: each <= maxRegisterVectors ? share : 0,
    fullVectors: even && !small ? Math.floor(sliceVectors / team.team) : 0,
    sliced: slices !== null,
    slices: Math.ceil(tile.groupVectors / sliceVectors),
    sliceVectors,
  };
}

/** A tiled nest is a loop nest with its tile size and its first tile. */
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

/**
 * Returns tiles of vectors, or of single elements if four lie too far apart. With `whole` it
 * returns null if a group does not fit into a tile.
 */
function tiledNestFor(
  { profile, overrides }: Choices,
  layout: PassLayout,
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

/**
 * Returns the team for a pass that measures, and its preferred number of slices. A team with more
 * registers than usual has no fewer members for it: that would leave fewer loads under way.
 */
function measuringTeam(c: Choices, nest: LoopNest, most: number): [TeamSize, number] {
  const { profile, overrides } = c;
  const inRegisters = Math.min(most, registerVectorsFor(c, most));
  const team = teamOf(profile, nest, overrides.team, inRegisters);
  const wanted = () =>
    alignSlices(nest, slicesFor(profile, nest, team, minSliceVectors(profile, team)));
  const slices = overrides.slices ?? wanted();
  return [team, Math.min(slices, nest.groupVectors)];
}

/**
 * Returns whether one job per group would leave the device idle, or read memory badly, which short
 * runs do. A group that stays in registers is read once instead, and needs no further passes: where a
 * team can hold it, nothing was faster on a GPU of 132 units, not even for one group.
 */
export function shouldSplit(c: Choices, layout: PassLayout, maxRegisterVectors: number): boolean {
  const { overrides } = c;
  const inRegisters = registerVectorsFor(c, maxRegisterVectors);
  const nest = nestFor(layout, overrides);
  const [{ team }, slices] = measuringTeam(c, nest, maxRegisterVectors);
  const run = nest.inner.size * (nest.extents.x?.bytes ?? 0);
  const once = nest.groupVectors <= team * inRegisters && run >= LEAST_RUN;
  const short = deferInner(c, layout.dims) !== layout.dims;
  const divided = slices > 1 && !once;
  return overrides.split ?? (divided || (short && (overrides.deferInner ?? !once)));
}

/**
 * Returns how many vectors an invocation may keep in registers. A usual device has room for `most` of
 * each array of a pass, others for fewer or more.
 */
function registerVectorsFor({ profile, overrides: { inRegisters } }: Choices, most: number) {
  const room = Math.floor((most * profile.registerVectors) / REGISTER_VECTORS);
  const own = Math.min(room, REGISTER_VECTORS);
  if (inRegisters === undefined) return own;
  return inRegisters ? Math.max(own, most) : 0;
}

/** Partitions a pass that measures in slices, of which a group has at most `maxSlices`. */
export function partitionInSlices(
  c: Choices,
  layout: PassLayout,
  maxRegisterVectors: number,
  maxSlices: number,
): Partition {
  const tiled = tiledNestFor(c, layout) as TiledNest; // never null: an element fits
  const inRegisters = registerVectorsFor(c, maxRegisterVectors);
  const [team, slices] = measuringTeam(c, tiled.tile, maxRegisterVectors);
  const most = Math.max(1, Math.floor(maxSlices / tilesPerGroup(tiled)));
  return partitionOf(tiled, team, Math.min(slices, most), inRegisters);
}

/** Partitions a pass with one job per group. Returns null if a group does not fit into a tile. */
export function partitionByGroup(
  c: Choices,
  layout: PassLayout,
  maxRegisterVectors: number,
): Partition | null {
  const tiled = tiledNestFor(c, layout, true);
  if (tiled === null) return null;
  const inRegisters = registerVectorsFor(c, maxRegisterVectors);
  const [team] = measuringTeam(c, tiled.tile, maxRegisterVectors);
  return partitionOf(tiled, team, null, inRegisters);
}

/** Partitions a pass with one job per group, unless it should be split. Returns null then, too. */
export const partitionUnsplit = (
  c: Choices,
  layout: PassLayout,
  maxRegisterVectors: number,
): Partition | null =>
  shouldSplit(c, layout, maxRegisterVectors)
    ? null
    : partitionByGroup(c, layout, maxRegisterVectors);

/**
 * Adds one more array to a partition, the partials, of which a tile covers only its own groups. Returns
 * null if those of a group do not fit into a tile.
 */
export function repartition(
  profile: DeviceProfile,
  partition: Partition,
  layout: PassLayout,
): Partition | null {
  const { columns, vectorWidth } = partition.nest;
  const nest = loopNestOf(layout, columns, vectorWidth);
  const tiled = tileNest(profile, nest, false, partition.tileSize);
  return tiled && { ...partition, nest, tileSize: tiled.tileSize };
}

/**
 * Partitions a pass that merges partials, which are few: an invocation reads one, at best. Small
 * merges share their teams as small columns do. Returns null if those of a group do not fit into a
 * tile.
 */
export function partitionMerge(usual: DeviceProfile, layout: PassLayout): Partition | null {
  const profile = { ...usual, vectorsPerInvocation: 1 };
  const whole = tileNest(profile, loopNestOf(layout, false, 1), true);
  if (whole === null) return null;
  const { team } = teamOf(profile, whole.tile);
  const raised = team > 1 && team < SMALL_TEAM && isSmall(whole.tile);
  return partitionOf(whole, teamOf(profile, whole.tile, raised ? SMALL_TEAM : team), null, 0);
}

/**
 * Makes the outer loops of an elementwise pass kept ones, so that a job has one inner loop. A GPU has
 * enough invocations for that.
 */
const keepOuter = ({ kind }: DeviceProfile, dims: readonly Dim[]): readonly Dim[] => {
  const inner = dims.findLastIndex((d) => d.reduced);
  return kind === "gpu" ? dims.map((d, i) => (i < inner ? { ...d, reduced: false } : d)) : dims;
};

/**
 * Partitions a pass that applies given statistics. Any cut is right there, so it makes many short
 * jobs. Returns null if an element and its neighbours do not fit into a tile.
 */
export function partitionElementwise(c: Choices, layout: PassLayout): Partition | null {
  const { profile } = c;
  const dims = keepOuter(profile, deferInner(c, layout.dims));
  const tiled = tiledNestFor(c, { ...layout, dims });
  if (tiled === null) return null;
  const { tile } = tiled;
  const team = teamOf(profile, tile, profile.loneRow && 1); // alone: it has nothing to combine
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
export function deferInner({ profile, overrides }: Choices, dims: readonly Dim[]): readonly Dim[] {
  const last = dims.at(-1);
  const others = dims.slice(0, -1);
  if (last === undefined || !last.reduced || !others.some((d) => d.reduced)) return dims;
  const worth = last.size < profile.deferInnerBelow;
  return (overrides.deferInner ?? worth) ? [...others, { ...last, reduced: false }] : dims;
}
