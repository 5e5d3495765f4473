// How much the library weighs in a user's bundle: minified, shaders included, gzipped. The core is all that
// `webgpu-norm` exports; what `webgpu-norm/nn` adds to it is told apart.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { root } from "./browser.mjs";

const LIMIT = 25; // KB of 1000 bytes, of the core

const core = measure(await chunksOf({ lib: { entry: join(root, "src", "index.ts") } }));
const both = await chunksOf({}); // the core in two chunks, so that only the difference says something
const inBoth = both.filter(({ fileName }) => fileName !== "nn/index.js");
const extra = measure(both).kb - measure(inBoth).kb;

const minified = `${(core.code / 1000).toFixed(1)} KB minified`;
console.log(`library: ${core.kb.toFixed(1)} KB gzipped, ${minified}`);
console.log(`webgpu-norm/nn: ${extra.toFixed(1)} KB gzipped beside it`);
if (core.kb > LIMIT) {
  console.error(`size: ${core.kb.toFixed(1)} KB gzipped, at most ${LIMIT} KB is allowed`);
  process.exitCode = 1;
}

/** The package's files, minified. @param {object} options */
async function chunksOf(options) {
  const result = await build({
    configFile: join(root, "vite.config.ts"),
    mode: "library",
    logLevel: "warn",
    build: { ...options, write: false, rolldownOptions: { output: { minify: true } } },
  });
  const [{ output }] = /** @type {import("vite").Rolldown.RolldownOutput[]} */ ([result].flat());
  return output.flatMap((chunk) => ("code" in chunk ? [chunk] : []));
}

function measure(/** @type {{ code: string }[]} */ chunks) {
  const code = chunks.map((chunk) => chunk.code).join("");
  return { code: code.length, kb: gzipSync(code, { level: 9 }).length / 1000 };
}
