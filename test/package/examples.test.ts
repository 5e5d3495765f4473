// The examples of README.md and docs/ are programs: those of a page, one after the other, are a
// module that compiles against the package's declarations and runs. The programs of the site's pages
// compile as well; test/site/live.gpu.test.ts runs them.

import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { create, globals } from "webgpu";
import { root } from "../../scripts/lib/browser.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import { copyPackage } from "../support/built_package";

const PAGES = [
  "README.md",
  "docs/guide.md",
  "docs/recipes.md",
  "docs/how_it_works.md",
  "docs/migrate/pytorch.md",
  "docs/migrate/tensorflow.md",
  "docs/migrate/flax.md",
  "docs/migrate/onnx.md",
  "docs/operations.md",
  "docs/prepare_and_tune.md",
  "docs/modules.md",
  "docs/streams.md",
  "docs/travelling_moments.md",
  "docs/numerics.md",
];

const LIVE = readdirSync(join(root, "site", "examples")).map((file) => `site/examples/${file}`);

const user = mkdtempSync(join(tmpdir(), "webgpu-norm-examples-"));
const dist = join(user, "node_modules", "webgpu-norm", "dist");
const programOf = (page: string) => join(user, `${basename(page).replace(/\.\w+$/, "")}.js`);

Object.assign(process.env, await vulkan());
const gpu = create([]); // Dawn's devices do not outlive it
Object.assign(globalThis, globals);

beforeAll(async () => {
  mkdirSync(dist, { recursive: true });
  symlinkSync(join(root, "package.json"), join(dist, "..", "package.json"));
  writeFileSync(join(user, "package.json"), '{ "type": "module" }');
  for (const page of PAGES) {
    const text = readFileSync(join(root, page), "utf8");
    const examples = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
    expect(examples.length, page).toBeGreaterThan(0);
    writeFileSync(programOf(page), examples.join("\n"));
  }
  for (const page of LIVE) {
    writeFileSync(programOf(page), readFileSync(join(root, page), "utf8"));
  }
  await copyPackage(dist, "declarations");
}, 180_000);
afterAll(() => rmSync(user, { recursive: true, force: true }));

test("examples compile, in strict mode but for the types of their parameters", () => {
  const compilerOptions = {
    allowJs: true,
    checkJs: true,
    strict: true,
    noImplicitAny: false, // JavaScript does not state them
    noEmit: true,
    target: "es2023",
    module: "nodenext",
    types: [],
  };
  const config = { compilerOptions, files: [...PAGES, ...LIVE].map(programOf) };
  writeFileSync(join(user, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = spawnSync(process.execPath, [tsc], { cwd: user, encoding: "utf8" });
  expect(stdout).toBe("");
}, 180_000);

test.each(PAGES)(
  "the examples of %s run",
  async (page) => {
    Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      await import(/* @vite-ignore */ programOf(page));
      expect(log.mock.calls.length).toBeGreaterThan(0); // each prints what it found
      if (page === "docs/numerics.md") expect(log.mock.calls[0]?.[0]).toBeLessThan(2e-6);
    } finally {
      log.mockRestore();
    }
  },
  180_000,
);
