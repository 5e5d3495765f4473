// Each fault of test/runners/mutations.mjs replaces a text that occurs exactly once. Otherwise the
// fault has not followed the code.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTATIONS } from "../runners/mutations.mjs";

const occurrences = (file: string, text: string) =>
  readFileSync(file, "utf8").split(text).length - 1;

test("each fault has its place, once, and tests that should find it", () => {
  const lost = MUTATIONS.filter(({ file, find }) => occurrences(file, find) !== 1);
  expect(lost.map(({ name, file }) => `${name}: ${file}`)).toEqual([]);
  expect(MUTATIONS.filter(({ find, replace }) => find === replace)).toEqual([]);
  expect(MUTATIONS.flatMap(({ tests }) => tests).filter((file) => !existsSync(file))).toEqual([]);
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
