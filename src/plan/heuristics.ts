// The heuristics: how a walk is shared out over invocations, from sizes and the device profile.
// The numbers come from measurements on CPU adapters and from public figures of GPUs (Planning in
// ARCHITECTURE.md); tests force every alternative and compare the results.

import { fail } from "../base/errors";
import type { Profile } from "./device_profile";
import { canPack, type Laid, prefersColumns, type Walk, walkOf } from "./loop_nest";
import type { Dim } from "./problem";
import { type Box, boxOf, type Cut, partOf } from "./tiling";

/** How one pass is shared out. */
export interface Sharing extends Cut {
  readonly workgroup: number;
  readonly team: number; // invocations of a job
  readonly held: number; // packs an invocation keeps in registers; 0: reads them again
  readonly slices: number; // jobs of a group in a box
}

/** Overrides of the heuristics, for tests and tuning; results differ by rounding at most. */
export interface Force {
  readonly split?: boolean; // slices and a merge instead of one fused pass
  readonly columns?: boolean;
  readonly width?: 1 | 4;
  readonly team?: number; // a power of two
  readonly held?: boolean;
  readonly slices?: number;
  readonly loosened?: boolean; // see loosen()
  readonly together?: boolean; // dx and the gradients of weight and bias from the same reads
  readonly native?: boolean; // f16 as the device knows it
  readonly subgroups?: boolean; // teams combine by shuffles, where the device has the feature
}

/** Packs an invocation holds: of x alone, and of x and its gradient, 64 registers. */
export const MOST_HELD = 16;
const SHARED_BYTES = 2048; // workgroup memory for combining: zero-filling costs by the byte
export const CHAIN_LIMIT = 32 ** 3; // packs an invocation before a sum's outermost chain exceeds 32

const powerAtLeast = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

interface Team {
  readonly team: number;
  readonly workgroup: number;
}

/**
 * CPU adapters: a group an invocation, since barriers cost more than most groups; but a workgroup for each
 * of a few long rows, which would leave most lanes of the processor's vectors idle.
 */
function cpuTeam({ workgroup }: Profile, walk: Walk): Team {
  const each = walk.groupPacks / workgroup;
  const lonely = !walk.columns && walk.groups < workgroup && each >= 8 && each <= 1024;
  return { team: lonely ? workgroup : 1, workgroup };
}

/** Rows: about four packs an invocation, and wide workgroups where 64 could not hold the row. */
function rowTeam(profile: Profile, packs: number): Team {
  if (packs > profile.workgroup * MOST_HELD) {
    return { team: profile.wideWorkgroup, workgroup: profile.wideWorkgroup };
  }
  const team = Math.min(powerAtLeast(packs / 4), profile.workgroup);
  return { team, workgroup: profile.workgroup };
}

/** Columns: 16 packs or 32 elements side by side are a full memory transaction. */
function columnTeam(profile: Profile, walk: Walk): Team {
  const bytes = 4 * (3 * walk.width + 1); // what one invocation puts into workgroup memory
  const workgroup = Math.min(profile.workgroup, 2 ** Math.floor(Math.log2(SHARED_BYTES / bytes)));
  const across = Math.min(powerAtLeast(walk.groups), walk.width === 4 ? 16 : 32, workgroup);
  const team = Math.min(workgroup / across, powerAtLeast(walk.groupPacks / 4));
  return { team, workgroup };
}

function teamOf(profile: Profile, walk: Walk): Team {
  if (profile.kind === "cpu") return cpuTeam(profile, walk);
  return walk.columns ? columnTeam(profile, walk) : rowTeam(profile, walk.groupPacks);
}

/** As many slices as keep the device busy, none shorter than is worth a job. */
function slicesOf(profile: Profile, walk: Walk, team: Team, least: number): number {
  const jobs = (profile.workgroups * team.workgroup) / team.team;
  const busy = Math.ceil(jobs / walk.groups);
  const exact = Math.ceil(walk.groupPacks / (CHAIN_LIMIT * team.team));
  return Math.max(exact, Math.min(busy, Math.floor(walk.groupPacks / least)), 1);
}

/** At least so many slices, none of which begins within a run that another could have as a whole, or a like part of. */
function aligned({ run, groupPacks }: Walk, slices: number): number {
  const each = Math.ceil(groupPacks / slices);
  const [runs, parts] = [Math.floor(each / run.size), Math.ceil(run.size / each)];
  return Math.ceil(groupPacks / (runs > 0 ? runs * run.size : Math.ceil(run.size / parts)));
}

/** Packs of a slice that is worth a job of its own. */
const leastSlice = (profile: Profile, team: Team) =>
  team.team * (profile.kind === "cpu" ? 512 : MOST_HELD);

function share({ walk, box, part }: Parted, team: Team, slices: number, mostHeld: number): Sharing {
  const slicePacks = Math.ceil(part.groupPacks / slices);
  const each = powerAtLeast(Math.ceil(slicePacks / team.team));
  return {
    walk,
    box,
    ...team,
    held: each <= mostHeld ? each : 0,
    slices: Math.ceil(part.groupPacks / slicePacks),
    slicePacks,
  };
}

function forcedTeam(team: Team, force: Force): Team {
  if (force.team === undefined) return team;
  return { team: force.team, workgroup: Math.max(team.workgroup, force.team) };
}

/** A walk in boxes, and the first of them. */
interface Parted {
  readonly walk: Walk;
  readonly box: Box;
  readonly part: Walk;
}

function walkFor(laid: Laid, force: Force): Walk {
  const columns = force.columns ?? prefersColumns(laid.dims);
  const width = canPack(laid, columns) ? (force.width ?? 4) : 1;
  return walkOf(laid, columns, width);
}

/** Boxes of packs, or of single elements where four lie too far apart; null where no whole group fits. */
function partedFor(profile: Profile, laid: Laid, force: Force, whole = false): Parted | null {
  const walk = walkFor(laid, force);
  return parted(profile, walk, whole) ?? parted(profile, walkOf(laid, walk.columns, 1), whole);
}

function parted({ windowBytes }: Profile, walk: Walk, whole: boolean, from?: Box): Parted | null {
  const box = boxOf(walk, windowBytes, whole, from);
  return box && { walk, box, part: partOf(walk, box) };
}

/** What a window has to hold at least are the records of a group, or an element and its neighbours. */
function fitting({ op }: Laid, { windowBytes }: Profile, parted: Parted | null): Parted {
  const expected = `expected it within a binding of ${windowBytes} bytes (maxStorageBufferBindingSize)`;
  return parted ?? fail(op, `what belongs together is too far apart in memory, ${expected}`);
}

/** The team for a pass that measures, and the slices that it would like. */
function measuring(profile: Profile, walk: Walk, force: Force): [Team, number] {
  const team = forcedTeam(teamOf(profile, walk), force);
  const wanted = () => aligned(walk, slicesOf(profile, walk, team, leastSlice(profile, team)));
  const slices = force.slices ?? wanted();
  return [team, Math.min(slices, walk.groupPacks)];
}

/** Whether one job a group would leave the device idle, or read memory badly. */
export function splits(profile: Profile, laid: Laid, force: Force): boolean {
  const [, slices] = measuring(profile, walkFor(laid, force), force);
  return force.split ?? (slices > 1 || loosen(laid.dims, force) !== laid.dims);
}

const mostHeldOf = (profile: Profile, force: Force, most: number) =>
  (force.held ?? profile.kind === "gpu") ? most : 0;

/** For a pass that measures in slices. */
export function shareMeasure(
  profile: Profile,
  laid: Laid,
  force: Force,
  mostHeld: number,
): Sharing {
  const parted = fitting(laid, profile, partedFor(profile, laid, force));
  const [team, slices] = measuring(profile, parted.part, force);
  return share(parted, team, slices, mostHeldOf(profile, force, mostHeld));
}

/** For a pass with one job a group; null where a group does not fit into windows. */
export function shareWhole(
  profile: Profile,
  laid: Laid,
  force: Force,
  mostHeld: number,
): Sharing | null {
  const parted = partedFor(profile, laid, force, true);
  if (parted === null) return null;
  const [team] = measuring(profile, parted.part, force);
  return share(parted, team, 1, mostHeldOf(profile, force, mostHeld));
}

/** The same with another array, of which a box has no part but its groups': records. */
export function shareFurther(profile: Profile, sharing: Sharing, laid: Laid): Sharing {
  const { columns, width } = sharing.walk;
  const walk = walkOf(laid, columns, width);
  const { box } = fitting(laid, profile, parted(profile, walk, false, sharing.box));
  return { ...sharing, walk, box };
}

/** For a pass that merges records, of which there are few. */
export function shareMerge(profile: Profile, laid: Laid): Sharing {
  const whole = fitting(laid, profile, parted(profile, walkOf(laid, false, 1), true));
  return share(whole, teamOf(profile, whole.part), 1, 0);
}

/** For a pass that applies given statistics: any partition will do, so many short jobs. */
export function shareApply(profile: Profile, laid: Laid, force: Force): Sharing {
  const parted = fitting(laid, profile, partedFor(profile, laid, force));
  const { part } = parted;
  const alone = { team: 1, workgroup: profile.workgroup }; // nothing to combine
  const team = profile.kind === "cpu" ? alone : teamOf(profile, part);
  const length = profile.kind === "cpu" ? 1024 : team.team * 8;
  const slices = Math.max(
    Math.ceil(part.groupPacks / length),
    slicesOf(profile, part, team, leastSlice(profile, team)),
  );
  return share(parted, team, aligned(part, slices), 0);
}

/**
 * Treats a short contiguous reduced dimension as kept (GroupNorm with channels last), so that
 * neighbouring invocations read neighbouring memory; its moments are merged afterwards.
 */
export function loosen(dims: readonly Dim[], force: Force): readonly Dim[] {
  const last = dims.at(-1);
  const others = dims.slice(0, -1);
  if (last === undefined || !last.reduced || !others.some((d) => d.reduced)) return dims;
  const worth = last.size < 32;
  return (force.loosened ?? worth) ? [...others, { ...last, reduced: false }] : dims;
}
