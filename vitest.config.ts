// The suites: "node" needs no GPU, "browser" runs *.gpu.test.ts in headless Chromium, "dawn" runs the same
// files in Node under Dawn, "e2e" drives the demo. scripts/test.mjs runs all, of "dawn" a part.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import type { Plugin } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { findBrowser, launchArgs } from "./scripts/lib/browser.mjs";
import { shaderFiles } from "./scripts/lib/shader_files.ts";

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

type Project = TestProjectInlineConfiguration;

function suite(name: string, include: string, test: Project["test"] = {}): Project {
  const provide = { seeds: whole("SEEDS", 60) ?? 0, seed: whole("SEED", null) };
  return { extends: true, test: { name, include: [include], provide, ...test } };
}

const browser = await findBrowser();
const GPU = "test/**/*.gpu.test.ts";
const E2E = "test/**/*.e2e.test.ts";
const SLOW = 180_000; // a software adapter takes seconds for the largest tensors

export default defineConfig({
  plugins: [conformance(), shaderFiles({ minified: false })],
  test: {
    projects: [
      suite("node", "test/**/*.test.ts", { exclude: [GPU, E2E] }),
      suite("browser", GPU, {
        isolate: false, // one page and device for all files: compiling is what takes the time
        testTimeout: SLOW,
        hookTimeout: SLOW,
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          api: { host: "127.0.0.1" },
          provider: playwright({
            launchOptions: {
              executablePath: browser?.path,
              args: launchArgs(browser?.software ?? true),
            },
          }),
          instances: [{ browser: "chromium" }],
        },
      }),
      suite("dawn", GPU, {
        testTimeout: SLOW,
        hookTimeout: SLOW,
        setupFiles: ["test/support/dawn.ts"],
      }),
      suite("e2e", E2E, { testTimeout: SLOW, hookTimeout: SLOW }),
    ],
  },
});
