// A row of the tables is a kernel with what it is for: a reference, or a pass of a case on a machine.

import type { Kernel } from "./kernels";
import type { CasePlan } from "./plans";
import { REFERENCES } from "./references";

export interface KernelRow {
  readonly group: string; // the machine that it is planned for, or "references"
  readonly title: string;
  readonly kernel: Kernel;
}

export const labelOf = ({ group, title }: KernelRow) => `${group}: ${title}`;

const referenceRows = (): KernelRow[] =>
  REFERENCES.map((reference) => ({ group: "references", ...reference }));

function rowsOfPlan({ given, machine, passes }: CasePlan): KernelRow[] {
  return passes.map(({ does, kernel }, i) => ({
    group: machine.name,
    title: `${given.title} ${i + 1}/${passes.length} ${does}`,
    kernel,
  }));
}

export const kernelRows = (plans: readonly CasePlan[]): KernelRow[] => [
  ...referenceRows(),
  ...plans.flatMap(rowsOfPlan),
];

/** Lists the kernels of rows, each once. */
export function kernelsIn(rows: readonly KernelRow[]): Kernel[] {
  return [...new Map(rows.map(({ kernel }) => [kernel.id, kernel])).values()];
}

/** Groups rows for tables. A later machine's rows have the kernels that no earlier one has. */
export function groupsOf(rows: readonly KernelRow[]): Map<string, KernelRow[]> {
  const groups = new Map<string, KernelRow[]>();
  const owners = new Map<string, string>();
  for (const row of rows) {
    const { group, kernel } = row;
    if (!owners.has(kernel.id)) owners.set(kernel.id, group);
    if (owners.get(kernel.id) === group) groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  return groups;
}
