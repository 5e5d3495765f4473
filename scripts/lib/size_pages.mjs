// These are the pages that `npm run size` weighs, and their bundles.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { root } from "./browser.mjs";

const STATISTICS = ["mean", "variance", "std", "moments"];
const NORMS = ["batchNorm", "layerNorm", "instanceNorm", "groupNorm", "rmsNorm", "standardize"];

// context and the common norms forward, in all types, with residual, modulation and activation
const core = ["createContext", ...STATISTICS, ...NORMS];
const backward = NORMS.map((name) => `${name}Backward`);

const of = (/** @type {string[]} */ names) => `export { ${names} } from "./dist/index.js";`;
const all = 'export * from "./dist/index.js";';

/** @type {Readonly<Record<string, string>>} */
export const PAGES = {
  one: of(["createContext", "layerNorm"]),
  core: of(core),
  backward: of([...core, ...backward]),
  all,
  nn: `${all} export * as nn from "./dist/nn/index.js";`,
  stream: `${of(core)} export * as stream from "./dist/stream/index.js";`,
  moments: 'export * from "./dist/moments/index.js";',
  channel: 'export * from "./dist/channel/index.js";',
};

/** The bundles lie here, beside the package's modules in dist/. */
export const folder = join(root, ".cache", "size");

/** Writes the module of a page. */
export function entryOf(/** @type {string} */ name) {
  const entry = join(folder, `${name}_page.js`);
  writeFileSync(entry, PAGES[name] ?? "");
  return entry;
}

/**
 * Bundles and minifies a page.
 * @param {string} name @param {string} entry
 * @param {{ external?: (id: string) => boolean, sourcemap?: boolean }} [options]
 */
export async function bundled(name, entry, { external = () => false, sourcemap = false } = {}) {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: "es2022",
      sourcemap,
      lib: { entry, formats: ["es"], fileName: name },
      rolldownOptions: {
        external,
        output: {
          minify: true,
          comments: { annotation: false }, // bundles of libraries keep them, those of pages do not
          chunkFileNames: `${name}_[name].js`,
        },
      },
    },
  });
  const [{ output }] = /** @type {[import("vite").Rolldown.RolldownOutput]} */ ([result].flat());
  return output[0];
}
