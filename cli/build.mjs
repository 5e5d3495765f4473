// `npm run build` bundles the command line with the library into dist/main.js, and its readers of
// files into dist/files.js. Their dependencies stay packages of their own.

import { chmodSync, copyFileSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "../scripts/lib/bundle.mjs";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const { dependencies } = JSON.parse(readFileSync(here("package.json"), "utf8"));
const external = [...Object.keys(dependencies), /^node:/];
const file = await bundle(here("src/main.ts"), here("dist/main.js"), {
  output: { banner: "#!/usr/bin/env node" },
  external,
  mode: "readable", // the command wgsl prints them
});
chmodSync(file, 0o755);
copyFileSync(here("../LICENSE"), here("LICENSE")); // npm packs what lies here
await bundle(here("src/files.ts"), here("dist/files.js"), { external });
