// `vite` and `vite build` are about the demo; `--mode library` builds the package (scripts/build.mjs).

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, type UserConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Shader files are inlined without comments and indentation; line numbers stay the file's. */
function leanShaders(): Plugin {
  const suffix = ".wgsl?raw";
  return {
    name: "lean-shaders",
    apply: "build",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(suffix)) return null;
      const source = readFileSync(id.slice(0, -"?raw".length), "utf8");
      return { code: `export default ${JSON.stringify(lean(source))};`, moduleType: "js" };
    },
  };
}

/** WGSL has no string literals, so every comment mark is one. Block comments nest. */
export function lean(source: string): string {
  let depth = 0;
  let text = "";
  for (let i = 0; i < source.length; i++) {
    const pair = source.slice(i, i + 2);
    if (pair === "/*" || (pair === "*/" && depth > 0)) {
      depth += pair === "/*" ? 1 : -1;
      text += " "; // a comment parts words
      i++;
    } else if (pair === "//" && depth === 0) {
      const end = source.indexOf("\n", i);
      i = (end < 0 ? source.length : end) - 1;
    } else if (depth === 0 || source[i] === "\n") text += source[i];
  }
  return text.replace(/^[ \t]+|[ \t]+$/gm, "").trimEnd();
}

const library: UserConfig = {
  plugins: [leanShaders()],
  build: {
    target: "es2022",
    outDir: "dist",
    minify: false, // a user's bundler does that, and until then it can be read
    lib: {
      entry: { index: here("src/index.ts"), "nn/index": here("src/nn/index.ts") },
      formats: ["es"],
      fileName: (_format, entry) => `${entry}.js`,
    },
    // what both entries need is there once, or a tensor of one would be none to the other
    rolldownOptions: { output: { chunkFileNames: "core.js" } },
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
