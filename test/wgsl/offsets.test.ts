// Kernels are joined without the steps of offsets that stay 0. A file that reads an offset must
// find its steps, unless the call does not have the array.

import { expect, test } from "vitest";
import { OPERANDS_OF_GATES } from "../../src/plan/gating";
import { GATE_OPERANDS, OPERANDS } from "../../src/plan/operands";
import * as files from "../../src/wgsl/files";
import { type Fragment, sourceOf } from "../../src/wgsl/link";
import { VARIANTS } from "../support/variants";

const ALL = [...OPERANDS, ...GATE_OPERANDS];
const LISTS: readonly Fragment[] = [files.operands, OPERANDS_OF_GATES];

const OFFSETS = new RegExp(
  String.raw`(?:\bat|\borigin|\boffsets?\w*\(.*\))\.(${ALL.join("|")})\b`,
  "g",
);

/** A backward writes these results with the strides of these operands. */
const RESULTS: Readonly<Record<string, string>> = { y: "dx", skip: "dSkip" };

const hasSteps = (text: string, name: string) => text.includes(`start.${name} + by * dim.${name}`);

const isAbsent = (fragments: readonly Fragment[], name: string) =>
  fragments.some((file) => file.name.includes("absent") && file.name.endsWith(` as ${name}`));

/** Lists the operands whose offsets the files read, by the files' names. */
const readers = (fragments: readonly Fragment[]) =>
  fragments.flatMap((file) =>
    LISTS.includes(file)
      ? []
      : [...file.text.matchAll(OFFSETS)].map(([, name = ""]) => ({ name, file: file.name })),
  );

test("a kernel has the steps of all offsets that its files read", () => {
  const missing = new Set<string>();
  const read = new Set<string>();
  for (const fragments of VARIANTS.filter((one) => one.some((file) => LISTS.includes(file)))) {
    const text = sourceOf(fragments);
    for (const { name, file } of readers(fragments)) {
      read.add(name);
      const store = isAbsent(fragments, RESULTS[name] ?? name);
      if (!hasSteps(text, name) && !isAbsent(fragments, name) && !store) {
        missing.add(`${name} in ${file}`);
      }
    }
  }
  expect([...missing]).toEqual([]);
  expect([...read].sort()).toEqual(ALL.sort());
});

test("a kernel does not have the steps of arrays that none of its files has", () => {
  const fragments = VARIANTS.find((one) => isAbsent(one, "residual")) ?? [];
  const text = sourceOf(fragments);
  expect(hasSteps(text, "x")).toBe(true);
  expect(hasSteps(text, "residual")).toBe(false);
});
