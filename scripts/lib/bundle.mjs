// This file has the Vite builds of the library, all with the shaders as the package has them
// (vite.config.ts).

import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { build } from "vite";
import { root } from "./browser.mjs";

const library = { root, configFile: join(root, "vite.config.ts"), mode: "library" };

/** The package's modules: a file for each one of src/. */
export async function buildModules(/** @type {string} */ outDir) {
  await build({ ...library, logLevel: "warn", build: { outDir, emptyOutDir: true } });
}

/**
 * A program with all that it imports, as one file; in the mode "readable" shaders have their comments.
 * @param {string} entry
 * @param {string} file
 * @param {object} [options]
 * @param {import("vite").Rolldown.OutputOptions} [options.output]
 * @param {(string | RegExp)[]} [options.external]
 * @param {"library" | "readable"} [options.mode]
 * @param {boolean} [options.sourcemap]
 */
export async function bundle(
  entry,
  file,
  { output, external = ["webgpu", /^node:/], mode = "library", sourcemap = false } = {},
) {
  await build({
    ...library,
    mode,
    logLevel: "warn",
    build: {
      outDir: dirname(file),
      emptyOutDir: false,
      sourcemap,
      lib: { entry, formats: ["es"], fileName: () => basename(file) },
      rolldownOptions: {
        external,
        output: { preserveModules: false, codeSplitting: false, ...output },
      },
    },
  });
  return file;
}

/** All of the main entry in one file, what is loaded on demand included, with a map to its sources. */
export async function buildMinified(/** @type {string} */ outDir) {
  const file = join(outDir, "webgpu-norm.min.js");
  const sourcemapPathTransform = (/** @type {string} */ source, /** @type {string} */ map) => {
    const path = relative(root, resolve(dirname(map), source));
    return `../${path.split(sep).join("/")}`; // as seen from dist/, wherever it is built
  };
  const output = { minify: true, postBanner: () => "", sourcemapPathTransform };
  return bundle(join(root, "src", "index.ts"), file, { output, sourcemap: true });
}
