// The program plans the cases, compiles their kernels for the families, and prints the tables.

import { readFileSync, writeFileSync } from "node:fs";
import { casesWith } from "./cases";
import { dump } from "./dump";
import { familiesOf } from "./families";
import { compileFor, type FamilyCode, isProblem } from "./family_code";
import { type KernelRow, kernelRows, kernelsIn, labelOf } from "./kernel_rows";
import { machinesOf, withoutSubgroups } from "./machines";
import { type ModelledPlan, modelledPlans } from "./model";
import { type CasePlan, planCases } from "./plans";
import { comparisonText, earlierRun, savedRun } from "./saved_run";
import { familyTables, modelTable } from "./tables";

export interface Options {
  readonly families: string;
  readonly machines: string;
  readonly only: string;
  readonly "no-subgroups": boolean;
  readonly json?: string;
  readonly baseline?: string;
  readonly dump?: string;
}

const namesIn = (list: string) => list.split(",").map((name) => name.trim());

function machinesFor(options: Options) {
  const machines = machinesOf(namesIn(options.machines));
  return options["no-subgroups"] ? machines.map(withoutSubgroups) : machines;
}

/** Compiles for each family that can be, at the same time; says which cannot. */
async function compileAll(options: Options, rows: readonly KernelRow[]): Promise<FamilyCode[]> {
  const families = familiesOf(namesIn(options.families));
  const kernels = kernelsIn(rows);
  const possible = families.filter((family) => family.env());
  for (const { name, missing } of families.filter((family) => !possible.includes(family))) {
    console.log(`${name}: skipped, ${missing}`);
  }
  const names = possible.map(({ name }) => name).join(", ");
  if (names) console.error(`compiling ${kernels.length} kernels for ${names}`);
  const codes = await Promise.all(possible.map((family) => compileFor(family, kernels)));
  return codes.filter((code) => code !== undefined);
}

/** Models the plans by the code of the first AMD family, and prints that. */
function printModel(families: readonly FamilyCode[], plans: readonly CasePlan[]): ModelledPlan[] {
  const amd = families.find((code) => code.vendor === "amd");
  if (!amd) {
    console.log("\nmodel: skipped, it needs the code of an AMD family");
    return [];
  }
  const models = modelledPlans(plans, amd.codes);
  console.log(`\n${modelTable(amd.family.name, models)}`);
  return models;
}

/** Returns the number of kernels without figures. */
function reportProblems(families: readonly FamilyCode[], rows: readonly KernelRow[]): number {
  const problems = families.flatMap(({ family, codes }) =>
    rows.flatMap((row) => {
      const code = codes.get(row.kernel.id);
      return isProblem(code) ? [`${family.name}, ${labelOf(row)}: ${code?.problem}`] : [];
    }),
  );
  for (const problem of problems) console.error(problem);
  return problems.length;
}

/** Runs the program; resolves to its exit code. */
export async function main(options: Options): Promise<number> {
  const cases = casesWith(options.only);
  if (cases.length === 0)
    throw new Error(`only ${options.only}, expected a part of a case's title`);
  const plans = machinesFor(options).flatMap((machine) => planCases(cases, machine));
  const rows = kernelRows(plans);
  const families = await compileAll(options, rows);
  if (families.length === 0) return 0;
  for (const code of families) console.log(`\n${familyTables(code, rows)}`);
  const run = savedRun(families, rows, printModel(families, plans));
  if (options.baseline) {
    const before = earlierRun(options.baseline, readFileSync(options.baseline, "utf8"));
    console.log(`\n${comparisonText(before, run)}`);
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(run, null, 1)}\n`);
  if (options.dump) dump(options.dump, rows, families);
  return reportProblems(families, rows) > 0 ? 1 : 0;
}
