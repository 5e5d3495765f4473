import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";
import { adapters, consumers, packagesAreInstalled } from "../../scripts/lib/install.mjs";

for (const [name, folder] of Object.entries({ adapters, consumers })) {
  test.skipIf(!packagesAreInstalled(folder))(
    `the tests of ${name} have the right types, those of the other libraries`,
    () => {
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: root });
      expect(String(stdout)).toBe("");
      expect(status).toBe(0);
    },
    60_000,
  );
}
