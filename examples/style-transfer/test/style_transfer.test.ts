// The page's pictures are AdaIN in float64 of the photographs' bytes, and the slider goes from the
// photograph to the style.

import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../../scripts/lib/browser.mjs";
import type * as program from "../src/transfer.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let browser: Browser;
let server: ViteDevServer;
let page: Page;

beforeAll(async () => {
  server = await createServer({
    root: at(".."),
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
    optimizeDeps: { noDiscovery: true },
  });
  await server.listen();
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 900, height: 980 } });
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.waitForSelector("body[data-done]", { timeout: 120_000 });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

interface Exposed {
  readonly context: Parameters<typeof program.transfer>[0];
  readonly bitmaps: readonly ImageBitmap[];
  readonly images: readonly Parameters<typeof program.transfer>[1][];
  readonly styles: readonly program.Style[];
  readonly transfer: typeof program.transfer;
}

/** The page's result and the bytes of both photographs. */
const pair = (content: number, style: number) =>
  page.evaluate(
    async ([content, style]) => {
      const { context: ctx, bitmaps, images, styles, transfer } = globalThis as unknown as Exposed;
      const y = await transfer(ctx, images[content] as never, styles[style] as never).read();
      const bytes = [content, style].map((i) => {
        const { width, height } = bitmaps[i] as ImageBitmap;
        const context = new OffscreenCanvas(width, height).getContext("2d");
        context?.drawImage(bitmaps[i] as ImageBitmap, 0, 0);
        return [...(context?.getImageData(0, 0, width, height).data ?? [])];
      });
      return { y: [...y], x: bytes[0] as number[], s: bytes[1] as number[] };
    },
    [content, style] as const,
  );

function channel(bytes: readonly number[], c: number) {
  const values = bytes.filter((_, i) => i % 4 === c).map((value) => value / 255);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { values, mean, deviation: Math.sqrt(variance) };
}

test.each([
  [0, 1],
  [3, 5],
  [4, 2],
])("photograph %i in the style of %i", async (content, style) => {
  const { y, x, s } = await pair(content, style);
  for (let c = 0; c < 3; c++) {
    const [own, other] = [channel(x, c), channel(s, c)];
    own.values.forEach((value, i) => {
      const right = ((value - own.mean) / own.deviation) * other.deviation + other.mean;
      const found = y[c * own.values.length + i] as number;
      expect(Math.abs(found - right)).toBeLessThan(1e-5); // statistics are read as f32, the largest y is 3
    });
  }
});

test("at strength 0 all pictures of a row are the photograph", async () => {
  await page.locator("#strength").fill("0");
  await expect
    .poll(
      () =>
        page.evaluate(() => {
          const canvases = [...document.querySelectorAll("tr:nth-child(2) canvas")];
          const bytes = canvases.map((canvas) => {
            const { width, height } = canvas as HTMLCanvasElement;
            const context = (canvas as HTMLCanvasElement).getContext("2d");
            return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
          });
          const [first = new Uint8ClampedArray()] = bytes;
          let furthest = 0;
          for (const one of bytes) {
            for (const [i, value] of one.entries()) {
              furthest = Math.max(furthest, Math.abs(value - (first[i] ?? 0)));
            }
          }
          return furthest;
        }),
      { timeout: 60_000, interval: 200 },
    )
    .toBeLessThanOrEqual(1);
});
