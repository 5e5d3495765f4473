// A failure shrinks to what it needs, and a seed is one case.

import { expect, test } from "vitest";
import { type Case, describe, randomCase } from "./case";
import { shrink } from "./shrink";

const SEEDS = Array.from({ length: 40 }, (_, k) => k);

test("a seed is one case", () => {
  const cases = SEEDS.map((seed) => describe(randomCase(seed)));
  expect(SEEDS.map((seed) => describe(randomCase(seed)))).toEqual(cases);
  expect(new Set(cases).size).toBe(SEEDS.length);
});

test("cases have every rank, every kind of operation, types, layouts, plans", () => {
  const cases = Array.from({ length: 1000 }, (_, seed) => randomCase(seed));
  const values = (of: (one: Case) => unknown) => new Set(cases.map(of)).size;
  expect(values(({ shape }) => shape.length)).toBe(8);
  expect(values(({ operation }) => operation)).toBeGreaterThan(35);
  expect(values(({ profile }) => JSON.stringify(profile))).toBeGreaterThan(10);
  const laid = new Set(cases.flatMap(({ placings }) => Object.values(placings)));
  expect([...laid].sort()).toEqual(
    ["offset", "padded", "permuted", "repeated", "strided", "x"].sort(),
  );
});

test("only what a failure needs is left", async () => {
  const one: Case = {
    seed: 1,
    operation: "layerNorm",
    shape: [7, 33, 12],
    options: { normalizedShape: [12], eps: 0.5, activation: "silu" },
    arrays: { weight: [12], bias: [12], scale: [33, 1] },
    saved: false,
    types: { x: "f16", weight: "bf16" },
    placings: { x: "padded", weight: "strided", out: "x" },
    profile: { kind: "gpu", workgroups: 4 },
    overrides: { split: true, slices: 3 },
  };
  const needed = ({ options, arrays, types, placings, overrides, shape }: Case) =>
    options.activation === "silu" &&
    "weight" in arrays &&
    types.weight === "bf16" &&
    placings.out === "x" &&
    overrides.slices === 3 &&
    shape[2] >= 5;
  const fails = async (less: Case) => {
    if (!("normalizedShape" in less.options)) return "NormError: layerNorm: no shape";
    return needed(less) ? `y[3] is off, 17 times the tolerance` : null;
  };
  const found = await shrink(one, "y[0] is off, 2 times the tolerance", fails, 1000);
  expect(found.failure).toContain("17 times");
  expect(found.one).toEqual({
    seed: 1,
    operation: "layerNorm",
    shape: [1, 1, 5],
    options: { normalizedShape: [5], activation: "silu" },
    arrays: { weight: [5] },
    saved: false,
    types: { weight: "bf16" },
    placings: { out: "x" },
    profile: {},
    overrides: { slices: 3 },
  });
});
