// `npm run build`: the package, dist/index.js, dist/nn/index.js and dist/stream/index.js, and their declarations.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { root } from "./lib/browser.mjs";

const dist = join(root, "dist");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

rmSync(dist, { recursive: true, force: true });
await build({ configFile: join(root, "vite.config.ts"), mode: "library" });
run(["-p", "tsconfig.build.json"]);
for (const file of declarations()) spellOut(file);
// what a user's compiler sees, with the strictest resolution
const options = "--noEmit --strict --module nodenext --target es2022 --ignoreConfig --types";
const libs = ["--lib", "es2023,esnext.disposable,dom"];
const entries = ["index", "nn/index", "stream/index"].map((name) => join(dist, name));
run([...options.split(" "), "", ...libs, ...entries.map((entry) => `${entry}.d.ts`)]);
await shareClasses(entries.map((entry) => pathToFileURL(`${entry}.js`).href));

/** An error of one entry is an instance of the others' class: nothing is in the package twice. */
async function shareClasses(/** @type {string[]} */ entries) {
  const [{ NormError }, { LayerNorm }, { MomentsAccumulator }] = await Promise.all(
    entries.map((entry) => import(entry)),
  );
  for (const made of [() => new LayerNorm(null, 1), () => new MomentsAccumulator(null, {})]) {
    try {
      made();
    } catch (error) {
      if (error instanceof NormError) continue;
    }
    throw new Error("the entries of the package do not share their classes");
  }
}

/** @param {string[]} args */
function run(args) {
  execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: "inherit" });
}

function declarations() {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
  return files.filter((name) => name.endsWith(".d.ts")).map((name) => join(dist, name));
}

/** "./shape" becomes "./shape.js": without an extension only bundlers would find it. */
function spellOut(/** @type {string} */ file) {
  const imports = /(\bfrom |\bimport\(|\bimport )"(\.{1,2}(?:\/[^"]*)?)"/g;
  const spelled = readFileSync(file, "utf8").replace(imports, (_, before, path) => {
    const stem = path.replace(/\.[jt]s$/, "");
    const isFile = existsSync(join(dirname(file), `${stem}.d.ts`));
    return `${before}"${stem}${isFile ? "" : "/index"}.js"`;
  });
  writeFileSync(file, spelled);
}
