// How much a page pays: minified, shaders included, gzipped. The core is createContext with the four norms, RMSNorm,
// standardization and statistics, forward, in all types, with residual, modulation and activation; what else is
// imported comes on top. What is loaded when it is first asked for, as tuning is, does not count.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { root } from "./lib/browser.mjs";

// KB of 1000 bytes; beyond the 25 that the core should be, but no further
const CORE_LIMIT = 27.3;
const ALL_LIMIT = 38.5;

const STATISTICS = ["mean", "variance", "std", "moments"];
const NORMS = ["batchNorm", "layerNorm", "instanceNorm", "groupNorm", "rmsNorm", "standardize"];
const core = ["createContext", ...STATISTICS, ...NORMS];
const backward = NORMS.map((name) => `${name}Backward`);

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-"));
const sizes = {
  "layerNorm alone": await sizeOf(["createContext", "layerNorm"]),
  core: await sizeOf(core),
  "core with its backward": await sizeOf([...core, ...backward]),
  "all of webgpu-norm": await sizeOf(null),
  "all, with webgpu-norm/nn": await sizeOf(null, "nn"),
  "core, with webgpu-norm/stream": await sizeOf(core, "stream"),
};
for (const [what, { kb, code }] of Object.entries(sizes)) {
  console.log(`${what}: ${kb.toFixed(1)} KB gzipped, ${(code / 1000).toFixed(1)} KB minified`);
}
rmSync(folder, { recursive: true });
check("core", CORE_LIMIT);
check("all of webgpu-norm", ALL_LIMIT);

function check(/** @type {keyof typeof sizes} */ what, /** @type {number} */ limit) {
  const { kb } = sizes[what];
  if (kb <= limit) return;
  console.error(`size: ${what}: ${kb.toFixed(1)} KB gzipped, at most ${limit} KB is allowed`);
  process.exitCode = 1;
}

/**
 * A bundle of these exports, or of all.
 * @param {string[] | null} names
 * @param {string} [more] a folder with a second entry
 */
async function sizeOf(names, more) {
  const from = (/** @type {string[]} */ ...path) => JSON.stringify(join(root, "src", ...path));
  const exported = names ? `{ ${names.join(", ")} }` : "*";
  const second = more ? `export * as ${more} from ${from(more, "index.ts")};` : "";
  const entry = join(folder, "size.ts");
  writeFileSync(entry, `export ${exported} from ${from("index.ts")}; ${second}`);
  const result = await build({
    configFile: join(root, "vite.config.ts"),
    mode: "library",
    logLevel: "warn",
    build: {
      write: false,
      lib: { entry, formats: ["es"], fileName: "size" },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [{ output }] = /** @type {import("vite").Rolldown.RolldownOutput[]} */ ([result].flat());
  const code = loadedAtOnce(output);
  return { code: code.length, kb: gzipSync(code, { level: 9 }).length / 1000 };
}

/**
 * The code of the entry and of what it imports statically.
 * @param {readonly (import("vite").Rolldown.OutputChunk | import("vite").Rolldown.OutputAsset)[]} output
 */
function loadedAtOnce(output) {
  const chunks = output.filter((file) => file.type === "chunk");
  const wanted = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of wanted) {
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) wanted.add(chunk);
  }
  return [...wanted].map(({ code }) => code).join("");
}
