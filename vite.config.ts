// `vite` and `vite build` make the demo; `--mode library` makes the package's modules (scripts/lib/bundle.mjs).

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, type UserConfig } from "vite";
import { lean, shaderNames } from "./scripts/lib/minify_wgsl.ts";
import { OPERANDS } from "./src/plan/problem.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Shader files are inlined without comments and spaces, the library's with short names. */
function leanShaders(): Plugin {
  const suffix = ".wgsl?raw";
  const folder = here("shaders");
  const names = shaderNames(folder, new Set([...OPERANDS, "statistics"]));
  return {
    name: "lean-shaders",
    apply: "build",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(suffix)) return null;
      const file = id.slice(0, -"?raw".length);
      const text = lean(readFileSync(file, "utf8"), file.startsWith(folder) ? names : undefined);
      return { code: `export default ${JSON.stringify(text)};`, moduleType: "js" };
    },
  };
}

/**
 * The order of files in a user's bundle: shaders lie beside shaders and code beside code, since gzip looks no further
 * back than 32 KB. Rolldown drops such imports from src/index.ts, as they bring no names.
 */
const ORDER = ["wgsl/files", "plan/forward", "norms/shared/norm_backward"];
const imports = ORDER.map((name, i) => `import * as order${i} from "./${name}.js";`).join("\n");

const library: UserConfig = {
  plugins: [leanShaders()],
  build: {
    target: "es2022",
    outDir: "dist",
    minify: false, // a user's bundler does that, and until then it can be read
    lib: {
      entry: {
        index: here("src/index.ts"),
        "nn/index": here("src/nn/index.ts"),
        "stream/index": here("src/stream/index.ts"),
      },
      formats: ["es"],
    },
    rolldownOptions: {
      optimization: { inlineConst: { mode: "all" } },
      output: {
        // a stack trace names a file of src, and what several entries need is there once
        preserveModules: true,
        preserveModulesRoot: here("src"),
        postBanner: ({ fileName }) => (fileName === "index.js" ? imports : ""),
      },
    },
  },
};

const demo: UserConfig = {
  root: here("demo"),
  base: "./",
  plugins: [leanShaders()],
  server: { fs: { allow: [here(".")] } },
  build: { target: "es2022", outDir: here("out/demo"), emptyOutDir: true },
};

export default defineConfig(({ mode }) => (mode === "library" ? library : demo));
