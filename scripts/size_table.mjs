// `npm run size:table -- PAGE` says where the bytes of a page are, by default of the page with one
// norm: a table of folders, or with --files of files. PAGE is a name of scripts/lib/size_pages.mjs.

import { mkdirSync } from "node:fs";
import { SourceMap } from "node:module";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { markdownTable } from "markdown-table";
import { buildModules } from "./lib/bundle.mjs";
import { gzipCosts } from "./lib/gzip_cost.mjs";
import { bundled, entryOf, folder, PAGES } from "./lib/size_pages.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: "boolean", default: false } },
});
const [page = "one"] = positionals;
if (!Object.hasOwn(PAGES, page)) {
  throw new Error(`size: page ${page}, expected one of ${Object.keys(PAGES).join(", ")}`);
}

/** Texts of errors count by themselves: they are in every part. */
const ERRORS = "texts of errors";
const isError = (/** @type {string} */ text) => / expected /.test(text);

/** The functions of a page begin with this folder; a shader is a file of shaders/. */
function partOf(/** @type {string} */ file) {
  if (values.files) return file;
  const folders = file.split("/").slice(0, -1);
  return `${folders.slice(0, folders[0] === "shaders" ? 2 : 1).join("/") || file}/`;
}

mkdirSync(folder, { recursive: true });
const dist = join(folder, "dist");
await buildModules(dist);
const { code, map } = await bundled(page, entryOf(page), { sourcemap: true });
const text = code.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "");
const sources = new SourceMap(JSON.parse(String(map)));
const costs = gzipCosts(Buffer.from(text));

/** @type {Map<string, { bytes: number, cost: number }>} */
const parts = new Map();
let [line, column, at] = [0, 0, 0];
for (const [token] of text.matchAll(/`(?:[^`\\]|\\.)*`|[\s\S]/g)) {
  const entry = sources.findEntry(line, column);
  const source = "originalSource" in entry ? entry.originalSource : dist;
  const file = relative(dist, join(folder, source)).replace(/\.js$/, "");
  const part = isError(token) && !values.files ? ERRORS : partOf(file);
  const found = parts.get(part) ?? { bytes: 0, cost: 0 };
  parts.set(part, found);
  const bytes = Buffer.byteLength(token);
  found.bytes += bytes;
  for (const cost of costs.subarray(at, at + bytes)) found.cost += cost;
  at += bytes;
  const lines = token.split("\n");
  column = (lines.length > 1 ? 0 : column) + (lines.at(-1)?.length ?? 0);
  line += lines.length - 1;
}

const size = gzipSync(text, { level: 9 }).length;
const sum = costs.reduce((total, cost) => total + cost, 0);
const rows = [...parts].sort(([, a], [, b]) => b.cost - a.cost);
const table = [
  ["part", "bytes", "bytes gzipped"],
  ...rows.map(([name, { bytes, cost }]) => [name, String(bytes), cost.toFixed(0)]),
  ["codes of gzip", "", (size - sum).toFixed(0)],
  ["all", String(text.length), String(size)],
];
console.log(markdownTable(table, { align: ["l", "r", "r"] }));
