// The example's page, its pixels, and the edges that it should have.

import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { createServer } from "vite";
import { INNER, SIZE } from "../src/model.js";

export const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export async function servePage() {
  const server = await createServer({
    root: at(".."),
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
  });
  await server.listen();
  return { url: server.resolvedUrls?.local[0] ?? "", close: () => server.close() };
}

export async function openPage(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  await page.waitForSelector("body[data-done]", { timeout: 120_000 });
  return page;
}

/** Bytes of a canvas. */
export const pixelsOf = (page: Page, id: "image" | "edges") =>
  page.evaluate(
    ([id, size, from]) => {
      const canvas = document.getElementById(id as string) as HTMLCanvasElement;
      const context = canvas.getContext("2d");
      const [at, side] = [Number(from), Number(size)];
      return [...(context?.getImageData(at, at, side, side).data ?? [])];
    },
    id === "image" ? ([id, SIZE, 0] as const) : ([id, INNER, 1] as const),
  );

/** Sobel's edges of the gray of bytes, in float64. */
export function edgesOf(bytes: readonly number[]): number[] {
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
