// How much the whole core weighs in a user's bundle: minified, shaders included, gzipped.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { root } from "./browser.mjs";

const LIMIT = 25; // KB of 1000 bytes

const result = await build({
  configFile: join(root, "vite.config.ts"),
  mode: "library",
  logLevel: "warn",
  build: { write: false, rolldownOptions: { output: { minify: true } } },
});
const [{ output }] = /** @type {import("vite").Rolldown.RolldownOutput[]} */ ([result].flat());
const code = output.map((chunk) => ("code" in chunk ? chunk.code : "")).join("");
const kb = gzipSync(code, { level: 9 }).length / 1000;
console.log(`library: ${kb.toFixed(1)} KB gzipped, ${(code.length / 1000).toFixed(1)} KB minified`);
if (kb > LIMIT) {
  console.error(`size: ${kb.toFixed(1)} KB gzipped, at most ${LIMIT} KB is allowed`);
  process.exitCode = 1;
}
