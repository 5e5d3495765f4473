// The tables print the figures of the kernels, and the model's.

import { markdownTable } from "markdown-table";
import type { AmdCode, LoopCode, Widths } from "./amd_code";
import { type FamilyCode, isProblem, type Problem } from "./family_code";
import type { IntelCode } from "./intel_code";
import { groupsOf, type KernelRow } from "./kernel_rows";
import type { ModelledPlan } from "./model";

/** "12x16 2x4": twelve of 16 bytes, two of 4 */
export function widthsText(widths: Widths): string {
  const entries = Object.entries(widths).sort(([a], [b]) => Number(b) - Number(a));
  return entries.map(([bytes, number]) => `${number}x${bytes}`).join(" ") || "-";
}

const each = (value: number, packs: number) => Math.round(value / packs);

const packText = ({ valu, salu, packs, loads }: LoopCode) =>
  `${each(valu, packs)}v ${each(salu, packs)}s ${loads}L`;

const roundText = ({ valu, salu }: LoopCode) => `${valu}v ${salu}s`;

function loopsText(code: AmdCode, overMemory: boolean): string {
  const loops = code.loops.filter(({ accesses }) => accesses > 0 === overMemory);
  return loops.map(overMemory ? packText : roundText).join("; ") || "-";
}

const spillsText = ({ spills, scratch }: AmdCode) =>
  spills + scratch > 0 ? `${spills} spilled, ${scratch} B` : "-";

type Columns<Code> = readonly (readonly [head: string, cell: (code: Code) => string | number])[];

const AMD_COLUMNS: Columns<AmdCode> = [
  ["loads", ({ loadWidths }) => widthsText(loadWidths)],
  ["stores", ({ storeWidths }) => widthsText(storeWidths)],
  ["under way", ({ loads }) => loads],
  ["trips", ({ trips }) => trips],
  ["VALU", ({ valu }) => valu],
  ["SALU", ({ salu }) => salu],
  ["wide mul", ({ wideMultiplies }) => wideMultiplies],
  ["loops over memory, a pack", (code) => loopsText(code, true)],
  ["other loops, a round", (code) => loopsText(code, false)],
  ["VGPRs", ({ vgprs }) => vgprs],
  ["waves", ({ waves }) => waves],
  ["LDS", ({ lds }) => lds],
  ["barriers", ({ barriers }) => barriers],
  ["spills", spillsText],
  ["latency", ({ latency }) => latency],
  ["1/throughput", ({ throughput }) => throughput],
];

const AMD_LEGEND = `loads, stores: number x bytes of a lane. under way: most loads issued before the first is waited for.
trips: batches of loads waited for one after the other. VALU, SALU: vector and scalar instructions outside of loops.
loops: v VALU, s SALU, L loads under way. wide mul: of 32 bits, which take four times as long. waves: that a SIMD
holds, 16 at most. LDS: bytes of workgroup memory. latency, 1/throughput: cycles of a wave, ACO's estimates, which
take every loop for 8 rounds.`;

const INTEL_COLUMNS: Columns<IntelCode> = [
  ["SIMD", ({ lanes }) => lanes],
  ["instructions", ({ instructions }) => instructions],
  ["loops", ({ loops }) => loops],
  ["sends", ({ sends }) => sends],
  ["spills", ({ spills, fills }) => (spills + fills > 0 ? `${spills} and ${fills} fills` : "-")],
  ["cycles", ({ cycles }) => cycles],
];

const INTEL_LEGEND = `SIMD: invocations of a thread. sends: messages to memory, to workgroup memory, to barriers.
spills: registers written to scratch and read from it. cycles: the compiler's estimate.`;

function kernelTable<Code extends object>(
  rows: readonly KernelRow[],
  codes: ReadonlyMap<string, Code | Problem>,
  columns: Columns<Code>,
): string {
  const cells = rows.map(({ title, kernel }) => {
    const code = codes.get(kernel.id);
    if (isProblem(code)) return [title, code?.problem ?? "-"];
    return [title, ...columns.map(([, cell]) => String(cell(code)))];
  });
  return markdownTable([["kernel", ...columns.map(([head]) => head)], ...cells]);
}

function groupHead(group: string, first: boolean): string {
  if (group === "references") return "### References";
  return `### Planned for ${group}${first ? "" : ": kernels that are not above"}`;
}

/** Returns the tables of a family: the references, then the kernels of each machine's plans. */
export function familyTables(code: FamilyCode, rows: readonly KernelRow[]): string {
  const { family, driver } = code;
  const legend = code.vendor === "amd" ? AMD_LEGEND : INTEL_LEGEND;
  const tables = [...groupsOf(rows)].map(([group, own], i) => {
    const text =
      code.vendor === "amd"
        ? kernelTable(own, code.codes, AMD_COLUMNS)
        : kernelTable(own, code.codes, INTEL_COLUMNS);
    return `${groupHead(group, i <= 1)}\n\n${text}`;
  });
  return [`## ${family.name}: ${family.what} (${driver})`, legend, ...tables].join("\n\n");
}

const stepsText = ({ steps, copyUs }: ModelledPlan) =>
  `${steps.map(({ limit, us }) => `${limit} ${us.toFixed(1)}`).join("; ")} (${copyUs.toFixed(1)})`;

const modelHead = (family: string) =>
  `## Model, not a measurement: speed in % of a copy of the least traffic

A roofline by public figures of the machines and by the code for ${family}, whatever the machine is. It may be
wrong by a factor of 1.5. Last column: what limits each dispatch of the first machine, in us (a copy's us).`;

/** Returns the table of the model: a row a case, a column a machine. */
export function modelTable(family: string, models: readonly ModelledPlan[]): string {
  const machines = [...new Set(models.map(({ machine }) => machine))];
  const titles = [...new Set(models.map(({ title }) => title))];
  const cells = titles.map((title) => {
    const own = models.filter((model) => model.title === title);
    const of = (name: string) => own.find(({ machine }) => machine === name);
    const first = of(machines[0]);
    const percents = machines.map((name) => of(name)?.percent.toFixed(0) ?? "-");
    return [title, ...percents, first ? stepsText(first) : "-"];
  });
  const head = ["case", ...machines, `limits, ${machines[0]}`];
  return `${modelHead(family)}\n\n${markdownTable([head, ...cells])}`;
}
