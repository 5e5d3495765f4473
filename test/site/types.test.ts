// What VitePress runs has types of the site's own packages, where those are installed.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packagesAreInstalled, site } from "../../scripts/lib/install.mjs";

test.skipIf(!packagesAreInstalled(site))(
  "the configuration and the theme have the right types",
  () => {
    const tsc = join(site, "node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", site]);
    expect(String(stdout)).toBe("");
    expect(status).toBe(0);
  },
  60_000,
);
