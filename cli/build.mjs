// `npm run build` bundles the command line with the library into dist/main.js, and its readers of
// files into dist/files.js. Their dependencies stay packages of their own.

import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "../scripts/lib/bundle.mjs";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const external = ["cli-progress", "commander", "csv-parse", "webgpu", /^node:/];
const file = await bundle(
  here("src/main.ts"),
  here("dist/main.js"),
  { banner: "#!/usr/bin/env node" },
  external,
);
chmodSync(file, 0o755);
await bundle(here("src/files.ts"), here("dist/files.js"), {}, external);
