// A plan in words: what runs, over which dimensions, with which files, and what it moves.

import type { Pass, Plan } from "./planner";
import type { Problem } from "./problem";
import type { Profile } from "./profile";
import type { Walk } from "./walk";

export interface Explanation {
  readonly op: string;
  readonly schedule: Plan["schedule"];
  readonly groups: number; // sets of elements that share statistics
  readonly count: number; // elements of a group
  readonly bytes: number; // read and written in memory
  readonly passes: readonly ExplainedPass[];
  /** The whole as lines of text. */
  toString(): string;
}

export interface ExplainedPass {
  readonly does: Pass["does"];
  readonly shaders: readonly string[]; // files, in the order in which they are joined
  readonly constants: Readonly<Record<string, number>>;
  readonly grid: readonly [number, number]; // workgroups, of the first dispatch
  readonly dispatches: number; // more than one: each sees windows of larger arrays
  readonly workgroup: number; // invocations of a workgroup
  readonly team: number; // invocations that share a job
  readonly jobs: number; // groups (or packs of groups) x slices
  readonly walk: string;
}

/** "2 x 32 kept; 8 x 784 reduced, packs of 4 along the run" */
function walkText(walk: Walk): string {
  const sizes = (dims: readonly { size: number }[]) => dims.map((d) => d.size).join(" x ") || "1";
  const along = walk.columns ? "across groups" : "along the run";
  const packs = walk.width === 1 ? "elements" : `packs of ${walk.width} ${along}`;
  return `${sizes(walk.kept)} kept; ${sizes([...walk.segments, walk.run])} reduced; ${packs}`;
}

const windowsText = ({ dispatches }: ExplainedPass) =>
  dispatches > 1 ? `, in ${dispatches} dispatches, each through windows of its own` : "";

function explainedPass(pass: Pass): ExplainedPass {
  const { walk, workgroup, team } = pass.sharing;
  return {
    does: pass.does,
    shaders: pass.modules.map(({ name }) => name.replace(/^\S+/, "$&.wgsl")),
    constants: pass.constants,
    grid: pass.dispatches[0].grid,
    dispatches: pass.dispatches.length,
    workgroup,
    team,
    jobs: pass.dispatches.reduce((sum, { jobs }) => sum + jobs, 0),
    walk: walkText(walk),
  };
}

const REASONS: Record<Plan["schedule"], string> = {
  row: "the reduced run is innermost: a team of invocations a group, one pass",
  column:
    "the innermost dimension is kept: neighbouring invocations own neighbouring columns, one pass",
  split: "few long groups: moments of slices, their merge, then y",
  apply: "the statistics are given: one read, one write",
};

function lines(e: Omit<Explanation, "toString">, problem: Problem, profile: Profile): string[] {
  const axes = problem.reduced.flatMap((r, i) => (r ? [i] : []));
  return [
    `${e.op}: ${e.schedule} schedule (${REASONS[e.schedule]})`,
    `  statistics over axes [${axes}] of [${problem.shape}]: ${e.groups} groups of ${e.count}`,
    `  ${(e.bytes / 1e6).toPrecision(3)} MB read and written; profile ${profile.kind}, ${profile.name}`,
    ...e.passes.flatMap((p, i) => [
      `  pass ${i + 1}, ${p.does}: ${p.walk}`,
      `    ${p.grid[0]} x ${p.grid[1]} workgroups of ${p.workgroup}, ${p.jobs} jobs of ${p.team} each${windowsText(p)}`,
      `    ${p.shaders.join(", ")}`,
    ]),
  ];
}

export function explained(problem: Problem, profile: Profile, plan: Plan): Explanation {
  const { schedule, groups, count, bytes } = plan;
  const passes = plan.passes.map(explainedPass);
  const facts = { op: problem.op, schedule, groups, count, bytes, passes };
  return { ...facts, toString: () => lines(facts, problem, profile).join("\n") };
}
