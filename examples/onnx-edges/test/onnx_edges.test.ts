// The page's edges are those of float64 from the pixels that it shows, of its photograph and of a
// file.

import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../../scripts/lib/browser.mjs";
import { at, edgesOf, openPage, pixelsOf, servePage } from "./page";

let browser: Browser;
let server: Awaited<ReturnType<typeof servePage>>;
let page: Page;

beforeAll(async () => {
  server = await servePage();
  browser = await launchBrowser();
  page = await openPage(await browser.newPage(), server.url);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("the photograph's edges are those of float64", async () => {
  const right = edgesOf(await pixelsOf(page, "image"));
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
  const before = await pixelsOf(page, "edges");
  await page.setInputFiles("#file", at("../../style-transfer/photographs/rocket.webp"));
  const drawnAnew = async () => String(await pixelsOf(page, "edges")) !== String(before);
  await expect.poll(drawnAnew, { timeout: 60_000, interval: 200 }).toBe(true);
  const right = edgesOf(await pixelsOf(page, "image"));
  const drawn = await pixelsOf(page, "edges");
  right.forEach((edge, i) => {
    expect(Math.abs((drawn[4 * i] as number) - Math.min(255, 255 * edge))).toBeLessThan(2);
  });
});

test("a file that is no image is named, and the next one is drawn", async () => {
  const said = page.locator("#state");
  const buffer = Buffer.from("no image");
  await page.setInputFiles("#file", { name: "a.png", mimeType: "image/png", buffer });
  await expect
    .poll(() => said.textContent(), { timeout: 60_000 })
    .toContain("could not be decoded");
  await page.setInputFiles("#file", at("../photographs/cat.webp"));
  await expect.poll(() => said.textContent(), { timeout: 60_000 }).toMatch(/^\d+ ms on /);
});
