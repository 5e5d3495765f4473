// An explanation describes a plan: its passes, their dimensions and files, and the bytes that they
// move.

import { entryAt } from "../base/entry";
import { candidates } from "../plan/candidates";
import type { PlanningProfile } from "../plan/device_profile";
import type { LoopNest } from "../plan/loop_nest";
import type { PlanOverrides, TunedPlan } from "../plan/overrides";
import type { Pass, PassPurpose, Plan, Schedule } from "../plan/plan";
import type { Call } from "../runtime/call";
import { type BindingType, bindingsOf, type Fragment, textsOf } from "../wgsl/link";

export interface Explanation {
  readonly op: string;
  readonly schedule: Schedule;
  readonly groups: number; // sets of elements that share statistics
  readonly count: number; // elements of a group
  readonly bytes: number; // memory traffic
  readonly passes: readonly ExplainedPass[];
  /** The reason for this plan is a rule of the heuristics, or a measurement of `tune`. */
  readonly why: string;
  /** The heuristics and tuning choose among these plans; this plan is one of them. */
  readonly candidates: readonly ExplainedCandidate[];
  /** Returns the explanation as lines of text. */
  toString(): string;
}

export interface ExplainedPass {
  readonly does: PassPurpose;
  readonly shaders: readonly string[]; // shader files, in the order in which they are joined
  readonly constants: Readonly<Record<string, number>>;
  readonly grid: readonly [number, number]; // workgroups of the first dispatch
  readonly dispatches: number; // more than one: each covers a tile of larger arrays
  readonly workgroup: number; // invocations per workgroup
  readonly team: number; // invocations that share a job
  readonly jobs: number; // groups (or vectors of groups) x slices
  readonly loops: string;
  readonly bytes: number; // memory traffic
  /** Each binding number has this tensor. */
  readonly bindings: readonly ExplainedBinding[];
  /** The text is the whole kernel, with a line before each file. */
  readonly wgsl: string;
}

interface ExplainedBinding {
  readonly binding: number;
  readonly tensor: string;
  readonly type: BindingType;
}

export interface ExplainedCandidate {
  /** The changes are choices against the heuristics. The first candidate has none. */
  readonly changes: PlanOverrides;
  readonly schedule: Schedule;
  readonly passes: number;
  readonly invocations: number; // most invocations of a pass
  readonly bytes: number;
  readonly chosen: boolean;
}

/**
 * Writes the loops of a nest: "2 x 32 kept; 8 x 784 reduced; vectors of 4 along the inner loop".
 */
function loopText(nest: LoopNest): string {
  const sizes = (dims: readonly { size: number }[]) => dims.map((d) => d.size).join(" x ") || "1";
  const along = nest.columns ? "across groups" : "along the inner loop";
  const width = nest.vectorWidth;
  const elements = width === 1 ? "elements" : `vectors of ${width} ${along}`;
  return `${sizes(nest.kept)} kept; ${sizes([...nest.outer, nest.inner])} reduced; ${elements}`;
}

const tilesText = ({ dispatches }: ExplainedPass) =>
  dispatches > 1 ? `, in ${dispatches} dispatches, a tile each` : "";

const fileName = ({ name }: Fragment) => name.replace(/^\S+/, "$&.wgsl");

function explainPass(pass: Pass): ExplainedPass {
  const { nest, workgroup, team } = pass.partition;
  const { fragments } = pass;
  return {
    does: pass.does,
    shaders: fragments.map(fileName),
    constants: pass.constants,
    grid: entryAt(pass.dispatches, 0).grid,
    dispatches: pass.dispatches.length,
    workgroup,
    team,
    jobs: pass.dispatches.reduce((sum, { jobs }) => sum + jobs, 0),
    loops: loopText(nest),
    bytes: pass.bytes,
    bindings: bindingsOf(fragments).map(({ binding, tensorName, type }) => {
      return { binding, tensor: tensorName, type };
    }),
    get wgsl() {
      const texts = textsOf(fragments);
      return fragments.map((file, i) => `// ==== ${fileName(file)}\n${texts[i]}`).join("\n");
    },
  };
}

const REASONS: Record<Schedule, string> = {
  row: "the innermost dimension is reduced: a team of invocations a group, one pass",
  column:
    "the innermost dimension is kept: neighbouring invocations own neighbouring columns, one pass",
  split: "groups are few and long, or dx shares its reads with other gradients: several passes",
  apply: "the statistics are given: one read, one write",
};

const changesText = (changes: PlanOverrides) =>
  Object.entries(changes)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ") || "the heuristics' choice";

function explainCandidate(changes: PlanOverrides, plan: Plan, chosen: boolean): ExplainedCandidate {
  const { schedule, passes, bytes } = plan;
  const counts = passes.map(({ dispatches, partition }) => {
    return dispatches.reduce((sum, { grid }) => sum + grid[0] * grid[1], 0) * partition.workgroup;
  });
  return {
    changes,
    schedule,
    passes: passes.length,
    invocations: Math.max(0, ...counts),
    bytes,
    chosen,
  };
}

function whyText({ schedule }: Plan, choice: TunedPlan | undefined): string {
  if (choice === undefined) return REASONS[schedule];
  const { ms, heuristicMs, measured } = choice;
  const times = `${ms.toPrecision(3)} ms, the heuristics' ${heuristicMs.toPrecision(3)} ms`;
  return `the fastest of ${measured} that were measured: ${times}`;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toPrecision(3)} MB`;

function lines(
  e: Omit<Explanation, "toString">,
  { problem }: Call<unknown>,
  profile: PlanningProfile,
): string[] {
  const axes = problem.reduced.flatMap((r, i) => (r ? [i] : []));
  const kind = profile.subgroups ? `${profile.kind} with subgroups` : profile.kind;
  return [
    `${e.op}: ${e.schedule} schedule (${e.why})`,
    `  statistics over axes [${axes}] of [${problem.shape}]: ${e.groups} groups of ${e.count}`,
    `  ${megabytes(e.bytes)} read and written; profile ${kind}, ${profile.name}`,
    ...e.passes.flatMap((p, i) => [
      `  pass ${i + 1}, ${p.does}: ${p.loops}`,
      `    ${p.grid[0]} x ${p.grid[1]} workgroups of ${p.workgroup}, ${p.jobs} jobs of ${p.team} each${tilesText(p)}`,
      `    ${p.shaders.join(", ")}`,
    ]),
    "  candidates:",
    ...e.candidates.map((c) => {
      const size = `${c.passes} ${c.passes === 1 ? "pass" : "passes"}, ${c.invocations} invocations, ${megabytes(c.bytes)}`;
      return `  ${c.chosen ? ">" : " "} ${c.schedule}, ${changesText(c.changes)}: ${size}`;
    }),
  ];
}

/** Explains a plan. `choice` is the plan that `tune` found for the problem. */
export function explainPlan(
  call: Call<unknown>,
  profile: PlanningProfile,
  plan: Plan,
  choice: TunedPlan | undefined,
): Explanation {
  const { schedule, groups, count, bytes } = plan;
  const { problem } = call;
  const chosen = JSON.stringify(choice?.changes ?? {});
  const isChosen = (changes: PlanOverrides) => JSON.stringify(changes) === chosen;
  const found = candidates(problem, call.plan, profile);
  const all = found.some(({ overrides }) => isChosen(overrides))
    ? found
    : [...found, { overrides: choice?.changes ?? {}, plan }];
  const facts = {
    op: problem.op,
    schedule,
    groups,
    count,
    bytes,
    passes: plan.passes.map(explainPass),
    why: whyText(plan, choice),
    candidates: all.map(({ overrides, plan }) =>
      explainCandidate(overrides, plan, isChosen(overrides)),
    ),
  };
  return { ...facts, toString: () => lines(facts, call, profile).join("\n") };
}
