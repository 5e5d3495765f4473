// A call is refused for a binding's size only where no plan fits. Bindings are a few hundred bytes
// here, a model of large arrays. These tests need no device.

import { expect, test } from "vitest";
import { contiguous } from "../../src/base/shape";
import { instanceNormBackward, NormError } from "../../src/index";
import { DEFAULTS, type PlanningProfile } from "../../src/plan/device_profile";
import type { PlanOverrides } from "../../src/plan/overrides";
import { abstractCalls } from "../support/abstract_calls";

const profile = (kind: "gpu" | "cpu", maxBindingBytes: number): PlanningProfile => ({
  ...DEFAULTS[kind],
  name: "paper",
  software: false,
  workgroups: 8,
  f16: false,
  subgroups: false,
  invocations: 256,
  storageBuffers: 8,
  maxBindingBytes,
});

const KINDS = ["gpu", "cpu"] as const;

/** These want many slices, merges of many partials, vectors across groups, or shared sums. */
const FORCED: readonly PlanOverrides[] = [
  {},
  { split: true, slices: 1000 },
  { split: true, deferInner: true, columns: true },
  { split: true, fuseParameterGradients: true },
];

/** These want little of a binding. */
const MODEST: readonly PlanOverrides[] = [
  { split: false, fuseParameterGradients: false },
  { split: true, slices: 1, columns: false, deferInner: false, fuseParameterGradients: false },
  { split: true, vectorWidth: 1, deferInner: false, fuseParameterGradients: false },
];

type Call = ReturnType<typeof abstractCalls>[number];

function refusal({ problem, plan }: Call, on: PlanningProfile, overrides: PlanOverrides) {
  try {
    plan(problem, on, overrides);
    return null;
  } catch (error) {
    if (error instanceof NormError) return error.message;
    throw error;
  }
}

const CALLS = abstractCalls(3);

test.each(KINDS)(
  "where one plan of a call fits, all do: %s",
  (kind) => {
    const wrong = new Set<string>();
    let refused = 0;
    const on = profile(kind, 512);
    for (const call of CALLS) {
      const refusals = FORCED.flatMap((overrides) => refusal(call, on, overrides) ?? []);
      if (refusals.length === 0) continue;
      refused++;
      const all = [...FORCED, ...MODEST].map((overrides) => refusal(call, on, overrides));
      if (all.includes(null)) wrong.add(`[${call.problem.shape}]: ${refusals[0]}`);
    }
    expect([...wrong]).toEqual([]);
    expect(refused).toBeLessThan(CALLS.length / 20); // in 512 bytes a merge binds 16 partials
  },
  180_000,
);

/** Sums that dx and dWeight share have so many partials that the merge for dWeight cannot bind them. */
test.each(KINDS)("a plan of shared sums that does not fit is left for the next one: %s", (kind) => {
  const plansFor = (shape: readonly number[], strides: readonly number[], bytes: number) => {
    const array = (of: readonly number[]) =>
      ({ shape, strides: of, offset: 0, dtype: "f32" }) as const;
    const options = { x: array(contiguous(shape)), bias: true } as never;
    const { problem, plan } = instanceNormBackward.definition.define(array(strides), options);
    return plan(problem, profile(kind, bytes)).passes.map(({ does }) => does);
  };
  expect(plansFor([15, 4, 65], [1, 15, 60], 4096)).toContain("parameters");
  expect(plansFor([15, 4, 65], [4, 1, 60], 4096)).toContain("parameters");
  const large = [150_000, 64, 65]; // 2.5 GB, on a usual device
  expect(plansFor(large, contiguous(large), 2 ** 27)).toContain("parameters");
});
