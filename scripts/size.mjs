// How much the library weighs in a user's bundle: minified, shaders included, gzipped. The core is all that
// `webgpu-norm` exports; what `webgpu-norm/nn` adds to it is told apart.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { root } from "./browser.mjs";

const LIMIT = 25; // KB of 1000 bytes, of the core

const result = await build({
  configFile: join(root, "vite.config.ts"),
  mode: "library",
  logLevel: "warn",
  build: { write: false, rolldownOptions: { output: { minify: true } } },
});
const [{ output }] = /** @type {import("vite").Rolldown.RolldownOutput[]} */ ([result].flat());
const chunks = output.flatMap((chunk) => ("code" in chunk ? [chunk] : []));
const core = measure(within("index.js"));
const all = measure(new Set([...within("index.js"), ...within("nn/index.js")]));
const minified = `${(core.code / 1000).toFixed(1)} KB minified`;
console.log(`library: ${core.kb.toFixed(1)} KB gzipped, ${minified}`);
console.log(`webgpu-norm/nn: ${(all.kb - core.kb).toFixed(1)} KB gzipped beside it`);
if (core.kb > LIMIT) {
  console.error(`size: ${core.kb.toFixed(1)} KB gzipped, at most ${LIMIT} KB is allowed`);
  process.exitCode = 1;
}

/** An entry and the chunks that it imports. @returns {Set<string>} */
function within(/** @type {string} */ name) {
  const imports = chunks.find(({ fileName }) => fileName === name)?.imports;
  if (!imports) throw new Error(`size: ${name} is not in the build`);
  return new Set([name, ...imports.flatMap((other) => [...within(other)])]);
}

function measure(/** @type {Set<string>} */ names) {
  const parts = chunks.filter(({ fileName }) => names.has(fileName));
  const code = parts.map((chunk) => chunk.code).join("");
  return { code: code.length, kb: gzipSync(code, { level: 9 }).length / 1000 };
}
