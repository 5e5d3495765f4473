// `vite` and `vite build` make the demo, `--mode file` as one file; `--mode library` makes the package's modules
// (scripts/lib/bundle.mjs).

import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig, type Plugin, runnerImport, type UserConfig } from "vite";
import { backwardApart } from "./scripts/lib/backward_apart.ts";
import { oneFile } from "./scripts/lib/one_file.ts";
import { shaderFiles } from "./scripts/lib/shader_files.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The order of files in a user's bundle: shaders lie beside shaders and code beside code, since gzip looks no further
 * back than 32 KB. Rolldown drops such imports from src/index.ts, as they bring no names.
 */
const ORDER = [
  ...["wgsl/files", "wgsl/activations", "wgsl/activation_gradients", "wgsl/statistics"],
  ...["plan/forward", "plan/exact_moments", "plan/running", "plan/backward", "plan/device_profile"],
  "norms/shared/norm_backward",
];
const imports = ORDER.map((name, i) => `import * as order${i} from "./${name}.js";`).join("\n");

/** The package has lean shaders; programs that print them have them as they were written. */
const library = (minified: boolean): UserConfig => ({
  plugins: [shaderFiles({ minified })],
  build: {
    target: "es2022",
    outDir: "dist",
    minify: false, // a user's bundler does that, and until then it can be read
    lib: {
      entry: {
        index: here("src/index.ts"),
        "nn/index": here("src/nn/index.ts"),
        "moments/index": here("src/moments/index.ts"),
        "channel/index": here("src/channel/index.ts"),
        "stream/index": here("src/stream/index.ts"),
        "ort/index": here("src/ort/index.ts"),
        "tfjs/index": here("src/tfjs/index.ts"),
        "wgsl/files": here("src/wgsl/files.ts"), // for ORDER: a table of contents is left out otherwise
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
});

/** What needs no script is written into the page by the page's own functions. */
const staticPage: Plugin = {
  name: "static-page",
  transformIndexHtml: {
    order: "pre",
    async handler(html) {
      type StaticPage = typeof import("./demo/static/static_page");
      const { module } = await runnerImport<StaticPage>(here("demo/static/static_page.ts"));
      return module.filledIn(html);
    },
  },
};

const SHARED = { name: "library", test: /\/(src|shaders)\//, minShareCount: 4 };

const demo = (command: string, pages: readonly string[]): UserConfig => {
  const plugins = () => [shaderFiles({ minified: command === "build" })];
  return {
    root: here("demo"),
    base: "./",
    plugins: [...plugins(), backwardApart(), staticPage, wholeAddress],
    worker: { format: "es", plugins }, // one of the workers has the library
    server: { fs: { allow: [here(".")] } },
    build: {
      target: "es2022",
      outDir: here("out/demo"),
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0, // a script does not wait for pictures
      rolldownOptions: {
        input: pages.map((page) => here(`demo/${page}.html`)),
        // what most parts of the page need is one chunk, which is smaller than several
        output: { codeSplitting: { includeDependenciesRecursively: false, groups: [SHARED] } },
      },
    },
  };
};

/** A link to the page has a picture where its address is known: `DEMO_URL=https://... npm run build:demo`. */
const address = process.env.DEMO_URL;
const wholeAddress: Plugin = {
  name: "whole-address",
  transformIndexHtml: {
    order: "post",
    handler: (html) =>
      html.replace(/(?<=property="og:image" content=")[^"]+/, (path) =>
        address ? new URL(path, address).href : path,
      ),
  },
};

/** This page opens from a disk. */
const FILE = "who-shares-the-mean.html";

export default defineConfig(({ command, mode }) => {
  if (mode === "library" || mode === "readable") return library(mode === "library");
  if (mode === "file") return mergeConfig(demo(command, ["index"]), oneFile(FILE));
  return demo(command, ["index", "measure"]);
});
