// A dump has a file with the WGSL of each kernel, and one with the machine code for each family.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FamilyCode } from "./family_code";
import { type KernelRow, labelOf } from "./kernel_rows";

const fileNameOf = (row: KernelRow) =>
  labelOf(row)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");

/** Writes each kernel under the name of the first row that has it. */
export function dump(
  folder: string,
  rows: readonly KernelRow[],
  families: readonly FamilyCode[],
): void {
  mkdirSync(folder, { recursive: true });
  const first = new Map(rows.toReversed().map((row) => [row.kernel.id, row]));
  for (const [id, row] of first) {
    const { code, constants } = row.kernel;
    const users = rows
      .filter(({ kernel }) => kernel.id === id)
      .map((user) => `// ${labelOf(user)}`);
    const overrides = `// Overrides: ${JSON.stringify(constants)}`;
    const path = join(folder, fileNameOf(row));
    writeFileSync(`${path}.wgsl`, [...users, overrides, "", code].join("\n"));
    for (const { family, texts } of families) {
      writeFileSync(`${path}.${family.name}.txt`, texts.get(id) ?? "");
    }
  }
}
