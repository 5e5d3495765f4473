// These tests measure the code that a page loads for one operation: the published library through a
// bundler.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import published from "../../package.json" with { type: "json" };
import { root } from "../../scripts/lib/browser.mjs";
import { copyPackage } from "../support/built_package";

const dist = mkdtempSync(join(tmpdir(), "webgpu-norm-dist-"));
afterAll(() => rmSync(dist, { recursive: true, force: true }));

/** A page's script with what it needs of the library. */
async function bundled(source: string): Promise<string> {
  const page = "\0page";
  const result = await build({
    root,
    configFile: false,
    logLevel: "warn",
    plugins: [
      {
        name: "page",
        enforce: "pre", // or the package finds itself in its own dist/
        resolveId: (id) => ({ page, "webgpu-norm": join(dist, "index.js") })[id] ?? null,
        load: (id) => (id === page ? source : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      minify: true,
      rolldownOptions: { input: "page", preserveEntrySignatures: "strict" },
    },
  });
  const [{ output }] = [result].flat() as Rolldown.RolldownOutput[];
  return output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
}

const kb = (code: string) => `${(code.length / 1000).toFixed(1)} KB`;

beforeAll(async () => {
  await copyPackage(dist, "modules");
  const { sideEffects } = published;
  writeFileSync(join(dist, "package.json"), JSON.stringify({ sideEffects })); // bundlers read it
}, 60_000);

test("nothing is kept for what it does on import", async () => {
  const left = await bundled('export { NormError } from "webgpu-norm";');
  expect(left.length).toBeLessThan(2500);
});

test("an import of one operation leaves all others out", async () => {
  const whole = await bundled('export * from "webgpu-norm";');
  const one = await bundled('export { layerNorm } from "webgpu-norm";');
  console.log(`minified: layerNorm alone ${kb(one)}, the whole library ${kb(whole)}`);
  // names of files: those within them are short in what is published
  for (const found of [
    "reduce/statistic/moments",
    "epilogue/write/registers",
    "epilogue/activation/tanh",
    "io/load/halves4",
  ]) {
    expect(one).toContain(found);
  }
  const others = {
    softmax: "normalize/apply/exponential",
    "sums of exponentials": "reduce/statistic/exp_sum",
    "p-norms": "reduce/magnitude/power",
    "running statistics": "normalize/stored/mean_variance",
    windows: "epilogue/write/lrn",
    gradients: "backward/dx/moments",
    "sums over gradients": "store/sums/arrays",
    "a gradient's way back": "backward/chain",
    "the statement of gradients": "dWeight",
  };
  for (const [what, text] of Object.entries(others)) {
    expect(whole, `${what} in the whole library`).toContain(text);
    expect.soft(one, what).not.toContain(text);
  }
  expect.soft(whole, "streams are an entry of their own").not.toContain("MomentsAccumulator");
  expect(one.length).toBeLessThan(0.6 * whole.length);
});
