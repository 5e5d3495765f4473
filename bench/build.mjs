// Bundles the benchmark's page, and each peer as a file of its own, as a page would have them.

import { join } from "node:path";
import { build, preview } from "vite";
import { root } from "../scripts/browser.mjs";

/** Adapters of other libraries: bench/peers/ID.ts. */
export const PEERS = ["jax", "ort", "tfjs"];

const folder = join(root, "bench");

/** @param {string[]} peers @returns {Promise<string>} the folder with the page */
export async function buildPage(peers) {
  const outDir = join(root, "out", "bench", "page");
  const entries = peers.map((id) => [id, join(folder, "peers", `${id}.ts`)]);
  await build({
    configFile: false,
    root: join(folder, "page"),
    base: "./",
    logLevel: "error",
    build: {
      target: "esnext",
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: {
        input: { index: join(folder, "page", "index.html"), ...Object.fromEntries(entries) },
        output: { entryFileNames: "[name].js" },
        preserveEntrySignatures: "strict", // peers are imported by their files' names
      },
    },
  });
  return outDir;
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
