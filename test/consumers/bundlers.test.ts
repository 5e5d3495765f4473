// Each bundler builds pages from the packed package, which run in Chromium: a norm alone, and a
// module of webgpu-norm/nn. Their sizes show that all of them leave the rest of the library out.

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { far, rows } from "../adapters/float64";
import { makeProject, writeFiles } from "../support/packed_package";
import { filesOf, openChromium, reported } from "../support/reported";
import { BUNDLERS } from "./bundlers";

const [N, LENGTH] = [3, 96];
const at = (i: number) => 1000 + Math.sin(i);

const program = (imports: string, result: string) => `${imports}
const ctx = await createContext();
const values = Float32Array.from({ length: ${N * LENGTH} }, (_, i) => 1000 + Math.sin(i));
const x = ctx.tensor(values, [${N}, ${LENGTH}]);
const y = await ${result}.read();
await fetch("/report", { method: "POST", body: JSON.stringify([...y]) });
`;

const PAGES = {
  norm: program(
    'import { createContext, layerNorm } from "webgpu-norm";',
    `layerNorm(x, { normalizedShape: [${LENGTH}] })`,
  ),
  nn: program(
    'import { createContext } from "webgpu-norm";\nimport { LayerNorm } from "webgpu-norm/nn";',
    `new LayerNorm(ctx, ${LENGTH}).forward(x)`,
  ),
  all: 'export * from "webgpu-norm";\n',
};

const html = (script: string) =>
  `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="${script}"></script>\n`;

let project: string;

beforeAll(async () => {
  project = await makeProject();
  const pages = Object.entries(PAGES).map(([name, code]) => [`${name}.js`, code]);
  const documents = Object.keys(PAGES).map((name) => [`${name}.html`, html(`./${name}.js`)]);
  writeFiles(project, Object.fromEntries([...pages, ...documents]));
}, 180_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

type Page = keyof typeof PAGES;

async function built(bundler: string, page: Page): Promise<string> {
  const out = join(project, "out", bundler, page);
  mkdirSync(out, { recursive: true });
  const [entry, document] = [`${page}.js`, `${page}.html`].map((name) => join(project, name));
  await BUNDLERS[bundler]({ project, entry, html: document, out });
  writeFiles(out, { "index.html": pageOf(out, page) });
  return out;
}

/** The page that the bundler wrote, or one for its script. */
function pageOf(out: string, page: Page): string {
  const own = readdirSync(out).find((name) => name === `${page}.html`);
  return own ? readFileSync(join(out, own), "utf8") : html("./main.js");
}

/** Bytes of all scripts, gzipped each, those that are loaded on demand included. */
function bytesOf(out: string): number {
  const all = readdirSync(out, { recursive: true, encoding: "utf8" });
  const scripts = all.filter((name) => name.endsWith(".js"));
  const sizes = scripts.map((name) => gzipSync(readFileSync(join(out, name)), { level: 9 }).length);
  return sizes.reduce((a, b) => a + b, 0);
}

/** What one bundler leaves in more than another: helpers of its own, names, the order of files. */
const WITHIN = 1.1;

let least: number; // esbuild's bytes of the page with one norm

beforeAll(async () => {
  least = bytesOf(await built("esbuild", "norm"));
  const all = bytesOf(await built("esbuild", "all"));
  expect(least).toBeLessThan(0.6 * all);
}, 180_000);

describe.each(Object.keys(BUNDLERS))("%s", (bundler) => {
  test.each(["norm", "nn"] as const)(
    "the page %s runs and has what it needs",
    async (page) => {
      if (bundler === "Parcel" && page === "nn") {
        // it does not read the exports of packages by itself
        const settings = { "@parcel/resolver-default": { packageExports: true } };
        const own = { private: true, type: "module", ...settings };
        writeFiles(project, { "package.json": JSON.stringify(own) });
      }
      const out = await built(bundler, page);
      const y = JSON.parse(await reported(openChromium, filesOf(out), "/"));
      const x = Float32Array.from({ length: N * LENGTH }, (_, i) => at(i));
      expect(far(y, rows(x, LENGTH))).toBeLessThan(2e-6); // docs/numerics.md
      if (page !== "norm") return;
      const bytes = bytesOf(out);
      console.log(`${bundler}: one norm ${(bytes / 1000).toFixed(1)} KB gzipped`);
      expect(bytes).toBeLessThan(WITHIN * least);
    },
    180_000,
  );
});
