// The page's edges are those of float64 from the pixels that it shows, of its photograph and of a
// file.

import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../../scripts/lib/browser.mjs";
import { INNER, SIZE } from "../src/model.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let browser: Browser;
let server: ViteDevServer;
let page: Page;

beforeAll(async () => {
  server = await createServer({
    root: at(".."),
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0, fs: { strict: false } },
  });
  await server.listen();
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.waitForSelector("body[data-done]", { timeout: 120_000 });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Bytes of a canvas. */
const pixelsOf = (id: string, size: number, from: number) =>
  page.evaluate(
    ([id, size, from]) => {
      const canvas = document.getElementById(id as string) as HTMLCanvasElement;
      const context = canvas.getContext("2d");
      const [at, side] = [Number(from), Number(size)];
      return [...(context?.getImageData(at, at, side, side).data ?? [])];
    },
    [id, size, from] as const,
  );

/** Sobel's edges of the gray of bytes, in float64. */
function edgesOf(bytes: readonly number[]): number[] {
  const gray = (x: number, y: number) => {
    const [r, g, b] = [0, 1, 2].map((c) => (bytes[4 * (y * SIZE + x) + c] as number) / 255);
    return 0.299 * (r as number) + 0.587 * (g as number) + 0.114 * (b as number);
  };
  return Array.from({ length: INNER * INNER }, (_, i) => {
    const [x, y] = [(i % INNER) + 1, Math.floor(i / INNER) + 1];
    const along = (dx: number, dy: number) =>
      gray(x + dx - dy, y + dy - dx) + 2 * gray(x + dx, y + dy) + gray(x + dx + dy, y + dy + dx);
    return Math.hypot(along(1, 0) - along(-1, 0), along(0, 1) - along(0, -1));
  });
}

test("the photograph's edges are those of float64", async () => {
  const right = edgesOf(await pixelsOf("image", SIZE, 0));
  const values = await page.evaluate(() => [
    ...(globalThis as unknown as { values: number[] }).values,
  ]);
  expect(values).toHaveLength(right.length);
  // f32 in the model; near 0 the root enlarges it: squares are off by 1e-6 of values up to 4
  for (const [i, value] of values.entries()) {
    expect(Math.abs(value ** 2 - (right[i] as number) ** 2)).toBeLessThan(1e-4);
  }
  expect(Math.max(...values)).toBeGreaterThan(0.5);
});

test("a file's edges are drawn", async () => {
  const before = await pixelsOf("edges", INNER, 1);
  await page.setInputFiles("#file", at("../../../demo/photographs/rocket.webp"));
  const drawnAnew = async () => String(await pixelsOf("edges", INNER, 1)) !== String(before);
  await expect.poll(drawnAnew, { timeout: 60_000, interval: 200 }).toBe(true);
  const right = edgesOf(await pixelsOf("image", SIZE, 0));
  const drawn = await pixelsOf("edges", INNER, 1);
  right.forEach((edge, i) => {
    expect(Math.abs((drawn[4 * i] as number) - Math.min(255, 255 * edge))).toBeLessThan(2);
  });
});
