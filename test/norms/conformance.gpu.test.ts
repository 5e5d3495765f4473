// Two public suites run here: ONNX's backend tests and the WebNN tests of web-platform-tests.

import suites from "virtual:conformance";
import { expect } from "vitest";
import { inChunks, reported } from "../support/comparison";
import { compute, hasAdapter, outside } from "../support/conformance";
import { test } from "../support/fixture";

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

if (suites === null) {
  test.skip("ONNX and WebNN vectors are absent: SHARED_CONFORMANCE names their folder", () => {});
}

for (const [suite, cases] of Object.entries({
  ONNX: suites?.onnx ?? [],
  WebNN: suites?.wpt ?? [],
})) {
  for (const [op, own] of groupBy(cases, (one) => one.op)) {
    test(`${suite} ${op} (${own.length} cases)`, async ({ ctx }) => {
      expect(hasAdapter(op), op).toBe(true);
      const failures = await inChunks(own, (one) =>
        reported(one.id, async () => {
          const results = await compute(ctx, one);
          const wrong = Object.entries(one.outputs).map(([name, expected]) => {
            const found = results[name] && outside(results[name], expected, one.tolerance);
            return name in results ? found && name + found : `${name} is missing`;
          });
          return wrong.find((text) => text) ?? null;
        }),
      );
      expect(failures).toEqual([]);
    });
  }
}
