// JSR takes the modules of the package with its declarations. It allows none that change a user's
// global types, so `Symbol.dispose` is left to the user's own library there.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./browser.mjs";

/**
 * Puts what JSR publishes into a folder.
 * @param {string} dist the built package
 * @param {string} out
 * @param {string} name "@scope/name" there
 */
export function stageForJsr(dist, out, name) {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { version, license, exports } = JSON.parse(text);
  cpSync(dist, join(out, "dist"), {
    recursive: true,
    filter: (path) => !path.includes(".min.js"), // for pages, which npm's CDNs serve
  });
  /** @type {Record<string, string>} */
  const entries = {};
  for (const [entry, { types, default: code }] of Object.entries(exports)) {
    if (!types || code.endsWith(".min.js")) continue;
    entries[entry] = code;
    const declarations = readFileSync(join(out, types), "utf8");
    writeFileSync(join(out, types), declarations.replace(/^\/\/\/ <reference lib=.*\n/m, ""));
    const own = `/* @ts-self-types="./index.d.ts" */\n`;
    writeFileSync(join(out, code), own + readFileSync(join(out, code), "utf8"));
  }
  const lib = ["esnext", "dom", "dom.iterable", "deno.ns"];
  const about = { name, version, license, exports: entries, compilerOptions: { lib } };
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "jsr.json"), `${JSON.stringify(about, null, 2)}\n`);
  for (const file of ["README.md", "CHANGELOG.md", "LICENSE"])
    cpSync(join(root, file), join(out, file));
}
