// `npm run build:jsr -- @SCOPE/NAME` builds the package and puts what JSR publishes into out/jsr;
// `deno publish` there publishes it.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/browser.mjs";
import { buildModules } from "./lib/bundle.mjs";
import { buildDeclarations } from "./lib/declarations.mjs";
import { stageForJsr } from "./lib/jsr.mjs";

const [name = ""] = process.argv.slice(2);
if (!/^@[a-z\d-]+\/[a-z\d-]+$/.test(name)) {
  console.error(`jsr: name ${name || "none"}, expected @SCOPE/NAME`);
  process.exit(2);
}
const dist = join(root, "dist");
const out = join(root, "out", "jsr");
await buildModules(dist);
await buildDeclarations(dist);
rmSync(out, { recursive: true, force: true });
stageForJsr(dist, out, name);
console.log(`written: ${out}`);
