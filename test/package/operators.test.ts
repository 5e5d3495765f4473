// The dictionary of operators names calls and options that the library has, and marks the operators
// whose vectors the tests have.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createContext } from "../../src/index";
import * as nn from "../../src/nn/index";
import { hasAdapter } from "../support/conformance";
import { nullDevice } from "../support/null_device";
import { operationCases } from "../support/option_cases";

const text = readFileSync(join(import.meta.dirname, "../../docs/operators.md"), "utf8");
const rows = text.split("\n").filter((line) => line.startsWith("| "));
const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);

/** These take a list of tensors, and are in no table of options. */
const OF_LISTS: Readonly<Record<string, readonly string[]>> = {
  globalNorm: [],
  clipGradNorm: ["max"],
};

test("every call in the dictionary exists, with options that it has", async () => {
  const ctx = await createContext({ device: await nullDevice() });
  const known = new Map([...operationCases(ctx)].map(([name, one]) => [name, one.known]));
  for (const [name, options] of Object.entries(OF_LISTS)) known.set(name, options);
  const calls = spans.filter((span) => span.includes("("));
  expect(calls.length).toBeGreaterThan(60);
  for (const span of calls) {
    const [, name = "", first, options = ""] =
      /^(\w+)\((x|dy|dMean|tensors)(?:, \{ ([\w, ]+) \})?\)$/.exec(span) ?? [];
    expect(first, `${span} is no call`).toBeDefined();
    expect(known.has(name), `${span}: there is no such operation`).toBe(true);
    const foreign = options
      .split(", ")
      .filter((option) => option && !known.get(name)?.includes(option));
    expect(foreign, span).toEqual([]);
  }
});

test("every module in the dictionary exists", () => {
  const modules = spans.flatMap((span) => /^new nn\.(\w+)$/.exec(span)?.[1] ?? []);
  expect(modules.length).toBeGreaterThan(3);
  expect(modules.filter((name) => !(name in nn))).toEqual([]);
});

test("the operators of ONNX and WebNN with vectors are marked, and no others", () => {
  const [ofVectors = ""] = text.split("## PyTorch");
  const first = rows
    .filter((row) => ofVectors.includes(row))
    .map((row) => row.split("|")[1]?.trim() ?? "");
  const marked = first.filter((name) => name.endsWith("✓")).map((name) => name.slice(0, -2));
  expect(marked.filter((name) => !hasAdapter(name))).toEqual([]);
  expect(first.filter((name) => hasAdapter(name))).toEqual([]);
  expect(marked.length).toBeGreaterThan(12);
});
