// This reporter of Vitest prints the last line of a run, which CI reads: "N passed, N failed", and
// ", N skipped" if any were.

import type { Reporter, TestModule } from "vitest/node";

/** `skipped`: suites that were left out before Vitest began. */
export const closingLine = (skipped: number): Reporter => ({
  onTestRunEnd(modules, errors) {
    const states = modules.flatMap(statesOf);
    const count = (wanted: string) => states.filter((state) => state === wanted).length;
    const missing = count("skipped") + skipped;
    const line = `${count("passed")} passed, ${count("failed") + errors.length} failed`;
    console.log(`\n${line}${missing ? `, ${missing} skipped` : ""}`);
  },
});

/** A file that does not load, or fails outside of its tests, counts as a failed test. */
function statesOf(module: TestModule): string[] {
  const states = [...module.children.allTests()].map((test): string => test.result().state);
  return module.ok() || states.includes("failed") ? states : [...states, "failed"];
}
