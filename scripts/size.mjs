// This script writes the bundles that size-limit weighs (package.json has the limits): the code of
// pages that import these modules of the package, minified, shaders included. Code that is imported
// dynamically, such as tuning, does not count. size-limit's own bundlers would count it as well.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildModules } from "./lib/bundle.mjs";
import { bundled, entryOf, folder, PAGES } from "./lib/size_pages.mjs";

/** These entries are weighed without what they import from the rest. */
const ADAPTERS = ["ort", "tfjs"];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await buildModules(join(folder, "dist"));
for (const name of Object.keys(PAGES)) {
  const { imports } = await bundled(name, entryOf(name));
  if (imports.length > 0) throw new Error(`size: ${name} is more than one file`);
}
for (const name of ADAPTERS) {
  const entry = join(folder, "dist", name, "index.js");
  await bundled(name, entry, { external: (id) => id.startsWith("../") });
}
