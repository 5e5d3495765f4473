// This script bundles the benchmark's pages, and each library as a file of its own, as a page would
// load it.

import { join } from "node:path";
import { build, preview, runnerImport } from "vite";
import { root } from "../scripts/lib/browser.mjs";
import { leanShaders } from "../scripts/lib/shader_modules.mjs";

/** Adapters of other libraries: bench/competitors/ID.ts. */
export const PEERS = ["jax", "ort", "tfjs"];

const bench = (/** @type {string[]} */ ...path) => join(root, "bench", ...path);
const out = (/** @type {string} */ name) => join(root, "out", "bench", name);

/** The page that times all workloads. @param {string[]} peers @returns {Promise<string>} its folder */
export function buildPage(peers) {
  const entries = peers.map((id) => [id, bench("competitors", `${id}.ts`)]);
  return bundle("page", Object.fromEntries(entries));
}

/** The page for one first result. @param {string[]} peers @returns {Promise<string>} its folder */
export async function buildCold(peers) {
  const entries = peers.map((id) => [id, bench("competitors", `cold_${id}.ts`)]);
  const own = { ours: bench("cold", "ours.ts"), copy: bench("cold", "copy.ts") };
  const plugins = peers.includes("ort") ? [onnxModel()] : [];
  return bundle("cold", { ...own, ...Object.fromEntries(entries) }, plugins);
}

/** The page that makes tensors of images. @returns {Promise<string>} its folder */
export function buildImages() {
  return bundle("images", { ort_images: bench("competitors", "ort_images.ts") });
}

/** The page that times models of other libraries. @returns {Promise<string>} its folder */
export function buildModels() {
  const names = ["model_tfjs", "model_ort"];
  const entries = names.map((name) => [name, bench("competitors", `${name}.ts`)]);
  return bundle("models", Object.fromEntries(entries));
}

/**
 * @param {"page" | "cold" | "images" | "models"} name
 * @param {Record<string, string>} entries
 * @param {import("vite").PluginOption[]} [plugins]
 */
async function bundle(name, entries, plugins = []) {
  await build({
    configFile: false,
    root: bench(name),
    base: "./",
    logLevel: "error",
    plugins: [await leanShaders(), plugins],
    build: {
      target: "esnext",
      outDir: out(name),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: {
        input: { index: bench(name, "index.html"), ...entries },
        output: { entryFileNames: "[name].js" },
        preserveEntrySignatures: "strict", // libraries are imported by their files' names
      },
    },
  });
  return out(name);
}

/** A page of onnxruntime-web has its model as a file: this one of LayerNorm. @returns {import("vite").Plugin} */
function onnxModel() {
  const id = "virtual:layer-norm.onnx";
  return {
    name: "onnx-model",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    async load(source) {
      if (source !== `\0${id}`) return null;
      const { module } = await runnerImport(bench("competitors", "onnx_models.ts"), {
        configFile: false,
      });
      const text = Buffer.from(module.layerNormModel()).toString("base64");
      return `export default Uint8Array.from(atob("${text}"), (c) => c.charCodeAt(0));`;
    },
  };
}

/** @param {string} outDir */
export async function serve(outDir) {
  const server = await preview({
    configFile: false,
    root: outDir,
    base: "./",
    logLevel: "error",
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0, strictPort: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error("the benchmark's page is not served");
  return { url, close: () => server.close() };
}
