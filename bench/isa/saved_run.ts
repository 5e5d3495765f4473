// A run is saved as JSON, and compared with an earlier one.

import type { AmdCode } from "./amd_code";
import { type FamilyCode, isProblem, type Problem } from "./family_code";
import type { IntelCode } from "./intel_code";
import { type KernelRow, labelOf } from "./kernel_rows";
import type { ModelledPlan } from "./model";

type Code = AmdCode | IntelCode | Problem;

interface SavedFamily {
  readonly driver: string;
  readonly kernels: Readonly<Record<string, Code>>; // by label
}

export interface SavedRun {
  readonly families: Readonly<Record<string, SavedFamily>>;
  readonly model: readonly ModelledPlan[];
}

function savedFamily({ driver, codes }: FamilyCode, rows: readonly KernelRow[]): SavedFamily {
  const entries = rows.map((row): [string, Code] => [
    labelOf(row),
    codes.get(row.kernel.id) ?? { problem: "not compiled" },
  ]);
  return { driver, kernels: Object.fromEntries(entries) };
}

export function savedRun(
  families: readonly FamilyCode[],
  rows: readonly KernelRow[],
  model: readonly ModelledPlan[],
): SavedRun {
  const entries = families.map((code) => [code.family.name, savedFamily(code, rows)]);
  return { families: Object.fromEntries(entries), model };
}

/** These figures are compared, of the compilers that have them. */
const FIGURES = {
  valu: "VALU",
  loads: "loads under way",
  vgprs: "VGPRs",
  spills: "spills",
  scratch: "scratch",
  instructions: "instructions",
  cycles: "cycles",
  latency: "latency",
  throughput: "1/throughput",
};

/** "VALU 717 -> 421, latency 3998 -> 1951"; empty where all figures are the same. */
function changesText(before: Code, after: Code): string {
  const figuresOf = (code: Code) => code as unknown as Readonly<Record<string, unknown>>;
  const [old, now] = [figuresOf(before), figuresOf(after)];
  if (isProblem(before) || isProblem(after)) {
    return old.problem === now.problem
      ? ""
      : `${old.problem ?? "fine"} -> ${now.problem ?? "fine"}`;
  }
  const changed = Object.entries(FIGURES).filter(([key]) => old[key] !== now[key]);
  return changed.map(([key, name]) => `${name} ${old[key]} -> ${now[key]}`).join(", ");
}

/** Kernels with the same changes share a line: as a rule they are one kernel. */
function familyChanges(before: SavedFamily, after: SavedFamily): string[] {
  const labels = new Map<string, string[]>();
  for (const [label, code] of Object.entries(after.kernels)) {
    const old = before.kernels[label];
    const changes = old && changesText(old, code);
    if (changes) labels.set(changes, [...(labels.get(changes) ?? []), label]);
  }
  const unknown = (a: SavedFamily, b: SavedFamily) =>
    Object.keys(a.kernels).filter((label) => !(label in b.kernels)).length;
  const counts = `${unknown(after, before)} kernels are new, ${unknown(before, after)} are not among these`;
  const lines = [...labels].map(([changes, [first, ...more]]) => {
    const others = more.length > 0 ? ` (and ${more.length} more)` : "";
    return `- ${first}${others}: ${changes}`;
  });
  return [...(lines.length > 0 ? lines : ["- no figure has changed"]), `- ${counts}`];
}

/** Reads the text of an earlier run; `name` is that of its file. */
export function earlierRun(name: string, text: string): SavedRun {
  const run = JSON.parse(text) as SavedRun;
  if (!run.families) throw new Error(`baseline ${name}, expected a file that --json wrote`);
  return run;
}

/** Says what has changed since an earlier run, in the families that both have. */
export function comparisonText({ families: before }: SavedRun, { families }: SavedRun): string {
  const both = Object.keys(families).filter((name) => before[name]);
  const parts = both.map((name) =>
    [`### ${name}`, "", ...familyChanges(before[name], families[name])].join("\n"),
  );
  return ["## Since the earlier run", ...parts].join("\n\n");
}
