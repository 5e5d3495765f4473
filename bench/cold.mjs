// This script measures cold starts and sizes: each library alone in a page of a new browser with a
// new profile, up to its first result, and the bytes that it fetched for that. The server is on
// this machine, so the network takes almost no time.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { launchBrowser } from "../scripts/lib/browser.mjs";
import { buildCold, serve } from "./build.mjs";

/**
 * @param {string[]} peers
 * @param {number} times
 * @returns {Promise<Pick<import("./report").Report, "bytes" | "cold">>}
 */
export async function measureCold(peers, times) {
  const folder = await buildCold(peers);
  const server = await serve(folder);
  const ids = ["ours", "copy", ...peers];
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(ids.map((id) => [id, []]));
  /** @type {Record<string, number>} */
  const bytes = {};
  try {
    for (let round = 0; round < times; round++) {
      for (const id of ids) {
        const { ms, files } = await visit(server.url, id);
        samples[id].push(ms);
        bytes[id] ??= gzipped(folder, files);
        console.log(`  first result, ${id}: ${ms.toFixed(0)} ms, ${bytes[id]} bytes`);
      }
    }
  } finally {
    await server.close();
  }
  const cold = ids.map((id) => [id, { ms: median(samples[id]), samples: samples[id] }]);
  return { bytes, cold: Object.fromEntries(cold) };
}

/** @param {string} url @param {string} id */
async function visit(url, id) {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(url, { waitUntil: "networkidle" });
    /** @type {Set<string>} */
    const files = new Set();
    page.on("request", (request) => files.add(new URL(request.url()).pathname));
    const ms = await page.evaluate((name) => Reflect.get(globalThis, "firstResult")(name), id);
    return { ms: Number(ms), files: [...files] };
  } finally {
    await browser.close();
  }
}

/** @param {string} folder @param {string[]} files as fetched from there */
function gzipped(folder, files) {
  const sizes = files.map(
    (name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
