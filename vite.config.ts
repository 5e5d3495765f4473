// `vite` and `vite build` are about the demo; `--mode library` builds the package (scripts/build.mjs).

import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";
import { shaderFiles } from "./scripts/lib/shader_files.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const chunkName = ({ isDynamicEntry, name }: { isDynamicEntry: boolean; name: string }) =>
  isDynamicEntry ? `${name}.js` : "core.js";

const library: UserConfig = {
  plugins: [shaderFiles({ minified: true })],
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
      fileName: (_format, entry) => `${entry}.js`,
    },
    // what several entries need is there once, or a tensor of one would be none to the other; what is loaded on
    // demand has a name of its own
    rolldownOptions: {
      optimization: { inlineConst: { mode: "all" } },
      output: { chunkFileNames: chunkName },
    },
  },
};

const demo = (command: string): UserConfig => ({
  root: here("demo"),
  base: "./",
  plugins: [shaderFiles({ minified: command === "build" })],
  server: { fs: { allow: [here(".")] } },
  build: { target: "es2022", outDir: here("out/demo"), emptyOutDir: true },
});

export default defineConfig(({ command, mode }) => (mode === "library" ? library : demo(command)));
