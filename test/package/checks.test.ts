// The other tools each run as a test, so that their findings fail the run and count in its last
// line.

import { exec } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";

test.each(["types", "lint", "knip", "size", "package"])(
  "npm run %s",
  async (script) => {
    const run = promisify(exec)(`npm run ${script}`, { cwd: root });
    const { stdout, stderr, code } = await run.then(
      (output) => ({ ...output, code: 0 }),
      (error) => error,
    );
    if (script === "size") console.log(stdout);
    expect(code, stdout + stderr).toBe(0);
  },
  300_000,
);
