// The suites: "checks" runs the other tools, "node" needs no GPU, "browser" runs *.gpu.test.ts in headless Chromium,
// "dawn", "firefox" and "deno" the same files elsewhere, "lavapipe" a part of them on that driver, "e2e" drives the demo
// and pages of the built package, "pages" the latter alone; "adapters", "consumers", "examples" and "site" need the
// packages of their own folders: other libraries, bundlers, what the examples use, what builds the site.

import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import type { Plugin } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { findBrowser, launchArgs } from "./scripts/lib/browser.mjs";
import { closingLine } from "./scripts/lib/closing_line.ts";
import { shaderFiles } from "./scripts/lib/shader_files.ts";
import { recipes } from "./test/adapters/recipe_module.ts";
import { firefoxProvider } from "./test/runners/firefox_provider.mjs";

const { env } = process;

/** The public ONNX and WebNN vectors, or null where the folder is absent. */
function conformance(): Plugin {
  const id = "virtual:conformance";
  return {
    name: "conformance",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: (source) => (source === `\0${id}` ? `export default ${vectors()};` : null),
  };
}

function vectors(): string {
  const folder = resolve(env.SHARED_CONFORMANCE ?? "../shared/conformance");
  if (!env.SHARED_CONFORMANCE && !existsSync(folder)) return "null";
  const read = (name: string) => readFileSync(resolve(folder, `${name}.json`), "utf8");
  return `{ onnx: ${read("onnx")}, wpt: ${read("wpt")} }`;
}

/** A whole number from the environment. */
function whole(name: string, otherwise: number | null): number | null {
  const text = env[name];
  if (!text) return otherwise;
  if (!/^\d+$/.test(text)) throw new Error(`${name}: ${text}, expected a whole number`);
  return Number(text);
}

const thorough = env.THOROUGH === "1";

type Project = TestProjectInlineConfiguration;

function suite(name: string, include: string | string[], test: Project["test"] = {}): Project {
  const seeds = whole("SEEDS", thorough ? 200 : 16) ?? 0;
  const provide = { seeds, thorough, seed: whole("SEED", null) };
  return { extends: true, test: { name, include: [include].flat(), provide, ...test } };
}

const browser = await findBrowser();
const GPU = "test/**/*.gpu.test.ts";
const E2E = "test/**/*.e2e.test.ts";
const SITE = "test/site/site.e2e.test.ts"; // with the packages of site/
const ADAPTERS = "test/adapters/*.browser.test.ts"; // with the packages of that folder
const CONSUMERS = "test/consumers/*.test.ts"; // likewise
const CHECKS = "test/package/checks.test.ts";
const EXAMPLES = ["examples/*/test/*.test.ts", "examples/*.test.ts"]; // with the packages of that folder, and the built library
const SLOW = 180_000; // a software adapter takes seconds for the largest tensors
const slow = { testTimeout: SLOW, hookTimeout: SLOW };
const after = (groupOrder: number) => ({ sequence: { groupOrder } }); // suites of one number run at the same time

const gpuFile = (name: string) => `test/${name}.gpu.test.ts`;

/** Half of the browser's work: two browsers run at a time, since each compiles pipelines on one thread. */
const HALF = [
  ...["edges", "gradient_targets", "in_place", "numerics", "random", "storage", "values"].map(
    (name) => `norms/${name}`,
  ),
  "plan/plans",
].map(gpuFile);

/** What another compiler, native f16 and vectors of another width may change. */
const LAVAPIPE = ["wgsl/conversions", "norms/random", "norms/storage"];
const driver = env.WEBGPU_NORM_LAVAPIPE; // scripts/test.mjs says so
const onePage = { ...slow, isolate: false, maxWorkers: 1 }; // and device for all files: compiling is what takes the time
const underDawn = { ...slow, setupFiles: ["test/support/dawn.ts"] };

const headless = {
  enabled: true,
  headless: true,
  screenshotFailures: false,
  api: { host: "127.0.0.1" },
};
const chromium = {
  ...headless,
  provider: playwright({
    launchOptions: {
      ...(browser && { executablePath: browser.path }),
      args: launchArgs(browser?.software ?? true),
    },
  }),
};

export default defineConfig({
  // its wasm lies beside its module
  optimizeDeps: {
    exclude: ["onnxruntime-web", "onnxruntime-web/webgpu", "@huggingface/transformers"],
  },
  plugins: [conformance(), recipes(), shaderFiles({ minified: false })],
  test: {
    maxWorkers: Math.max(2, availableParallelism() - 1), // by default one where there are two cores
    reporters: ["default", closingLine(Number(env.WEBGPU_NORM_SKIPPED ?? 0))],
    projects: [
      suite("checks", CHECKS),
      suite("node", "test/**/*.test.ts", { exclude: [GPU, E2E, ADAPTERS, CONSUMERS, CHECKS] }),
      suite("browser", GPU, {
        ...onePage,
        ...after(1),
        browser: {
          ...chromium,
          instances: [
            { browser: "chromium", name: "browser 1", include: HALF },
            { browser: "chromium", name: "browser 2", exclude: HALF },
          ],
        },
      }),
      suite("adapters", ADAPTERS, {
        ...slow,
        ...after(4),
        browser: { ...chromium, instances: [{ browser: "chromium", name: "adapters page" }] },
      }),
      suite("consumers", CONSUMERS, { ...slow, ...after(5), maxWorkers: 1 }),
      suite("dawn", GPU, underDawn),
      suite("firefox", GPU, {
        ...onePage,
        browser: {
          ...headless,
          connectTimeout: SLOW, // it starts anew
          provider: firefoxProvider({ path: env.WEBGPU_NORM_FIREFOX ?? "firefox", env }),
          instances: [{ browser: "firefox", name: "firefox page" }],
        },
      }),
      suite("deno", GPU, { ...slow, pool: "forks", maxWorkers: 1 }),
      suite("lavapipe", LAVAPIPE.map(gpuFile), {
        ...underDawn,
        ...after(2),
        provide: { seeds: 5, thorough, seed: null },
        env: { VK_ICD_FILENAMES: driver ?? "" },
      }),
      suite("pages", "test/e2e/pages.e2e.test.ts", { ...slow, ...after(3) }), // of a number of its own: it runs with others
      suite("e2e", E2E, { exclude: [SITE], ...slow, ...after(2) }),
      suite("site", SITE, { ...slow, ...after(6), hookTimeout: 3 * SLOW }),
      suite("examples", EXAMPLES, {
        ...slow,
        ...after(7), // "checks" builds the library anew
        globalSetup: "test/support/built_library.ts",
      }),
    ],
  },
});
