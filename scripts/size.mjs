// This script writes the bundles that size-limit weighs (package.json has the limits): the code of
// pages that import these modules of the package, minified, shaders included. Code that is imported
// dynamically, such as tuning, does not count. size-limit's own bundlers would count it as well.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { root } from "./lib/browser.mjs";
import { buildModules } from "./lib/bundle.mjs";

const STATISTICS = ["mean", "variance", "std", "moments"];
const NORMS = ["batchNorm", "layerNorm", "instanceNorm", "groupNorm", "rmsNorm", "standardize"];

// context and the common norms forward, in all types, with residual, modulation and activation
const core = ["createContext", ...STATISTICS, ...NORMS];
const backward = NORMS.map((name) => `${name}Backward`);

const of = (/** @type {string[]} */ names) => `export { ${names} } from "./dist/index.js";`;
const all = 'export * from "./dist/index.js";';

const PAGES = {
  one: of(["createContext", "layerNorm"]),
  core: of(core),
  backward: of([...core, ...backward]),
  all,
  nn: `${all} export * as nn from "./dist/nn/index.js";`,
  stream: `${of(core)} export * as stream from "./dist/stream/index.js";`,
  moments: 'export * from "./dist/moments/index.js";',
  channel: 'export * from "./dist/channel/index.js";',
};

/** These entries are weighed without what they import from the rest. */
const ADAPTERS = ["ort", "tfjs"];

const folder = join(root, ".cache", "size");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await buildModules(join(folder, "dist"));
for (const [name, page] of Object.entries(PAGES)) {
  const entry = join(folder, `${name}_page.js`);
  writeFileSync(entry, page);
  const { imports } = await bundled(name, entry, () => false);
  if (imports.length > 0) throw new Error(`size: ${name} is more than one file`);
}
for (const name of ADAPTERS) {
  const entry = join(folder, "dist", name, "index.js");
  await bundled(name, entry, (id) => id.startsWith("../"));
}

/** @param {string} name @param {string} entry @param {(id: string) => boolean} external */
async function bundled(name, entry, external) {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: "es2022",
      lib: { entry, formats: ["es"], fileName: name },
      rolldownOptions: {
        external,
        output: { minify: true, chunkFileNames: `${name}_[name].js` },
      },
    },
  });
  const [{ output }] = /** @type {[import("vite").Rolldown.RolldownOutput]} */ ([result].flat());
  return output[0];
}
