// The site is built as `npm run docs` builds it, and visited: no link is broken, axe finds nothing on desktop and
// phone in both colour schemes, an example computes on the GPU, and a stranger finds a call in three clicks.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { complaintsOf } from "../../scripts/lib/demo.mjs";
import { brokenLinks, buildSite, composePages, serveSite } from "../../scripts/lib/site.mjs";

let server: Awaited<ReturnType<typeof serveSite>>;
let browser: Browser;

beforeAll(async () => {
  await composePages();
  await buildSite();
  server = await serveSite();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function open(path: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${server.url}${path}`);
  await page.locator("h1").first().waitFor();
  return { page, complaints };
}

test("no link is broken, anchors included", async () => {
  const { checked, broken } = await brokenLinks();
  expect(broken.map(({ url, parent }) => `${url} on ${parent}`)).toEqual([]);
  expect(checked).toBeGreaterThan(800);
});

test("a broken link and a broken anchor are found, on a page behind the first", async () => {
  const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-broken-"));
  const page = (name: string, body: string) =>
    writeFileSync(join(folder, `${name}.html`), `<!doctype html><title>${name}</title>${body}`);
  page("index", '<a href="./second.html">2</a><a href="./second.html#here">2</a>');
  page("second", '<p id="here"></p><a href="./none.html">a</a><a href="./index.html#none">b</a>');
  const { checked, broken } = await brokenLinks(folder);
  rmSync(folder, { recursive: true });
  const names = broken.map(({ url }) => url.replace(/^.*\//, ""));
  expect([...new Set(names)].sort()).toEqual(["index.html#none", "none.html"]);
  expect(checked).toBeGreaterThan(3);
});

const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const PAGES = ["index.html", "guide.html", "operations/index.html", "operations/groupNorm.html"];

const looks = Object.entries({ desktop: DESKTOP, phone: PHONE }).flatMap(([device, options]) =>
  (["light", "dark"] as const).map((colorScheme) => ({ device, colorScheme, options })),
);

test.each(looks)("axe finds nothing on $device, $colorScheme", async ({ options, colorScheme }) => {
  for (const path of PAGES) {
    const { page, complaints } = await open(path, { ...options, colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    expect(found, path).toEqual([]);
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth, path).toBe(clientWidth);
    expect(complaints).toEqual([]);
    await page.context().close();
  }
});

const run = (page: Page) => page.getByRole("button", { name: "Run on your GPU" }).click();

test("an example computes on the GPU beside float64, edited as well", async () => {
  const { page, complaints } = await open("operations/layerNorm.html");
  await run(page);
  const rows = page.locator(".live tbody tr");
  await rows.first().waitFor();
  const texts = await rows.allTextContents();
  expect(texts.map((text) => text.split("[")[0]).sort()).toEqual([
    "layerNorm",
    "layerNormBackward: dBias",
    "layerNormBackward: dWeight",
    "layerNormBackward: dx",
  ]);
  const error = await rows.first().locator("td").nth(1).textContent();
  expect(Number(error)).toBeGreaterThan(0);
  expect(Number(error)).toBeLessThan(2e-6);
  await page.getByText("The plans for your GPU").click();
  await page.locator(".live pre", { hasText: "layerNorm: row schedule" }).waitFor();

  await page.getByRole("button", { name: "Edit" }).click();
  const editor = page.getByRole("textbox", { name: "The program" });
  await editor.fill((await editor.inputValue()).replaceAll("64, 768", "3, 768"));
  await run(page);
  await page.getByRole("cell", { name: "[3, 768]" }).first().waitFor();
  await editor.fill('import { groupNorm } from "webgpu-norm";\ngroupNorm(1, {});');
  await run(page);
  await page.getByText("groupNorm: x is 1, expected a tensor").waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("without WebGPU the example says so", async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "gpu"));
  const page = await context.newPage();
  await page.goto(`${server.url}operations/softmax.html`);
  await run(page);
  await page.getByText("This browser gives no WebGPU here").waitFor();
  await context.close();
});

/** From the first page: what a stranger types, and the page that answers. */
const QUESTIONS = [
  ["LayerNormalization", "layerNorm"],
  ["F.group_norm", "groupNorm"],
  ["SkipSimplifiedLayerNormalization", "rmsNorm"],
  ["MeanVarianceNormalization", "meanVarianceNorm"],
  ["nn.SyncBatchNorm", "syncBatchNorm"],
  ["LpNormalization", "lpNormalize"],
  ["tf.nn.moments", "moments"],
] as const;

test("a stranger finds call, cost and source of a norm in one click from the first page", async () => {
  const { page } = await open("index.html");
  for (const [name, operation] of QUESTIONS) {
    await page.goto(`${server.url}index.html`);
    await page.getByLabel(/An operator of PyTorch/).fill(name);
    await page.locator(".find li a").first().click();
    await page.waitForURL(`**/operations/${operation}.html`);
    for (const heading of ["Try it", "Cost"]) {
      await page.getByRole("heading", { name: heading }).waitFor();
    }
    await page.getByText("Source of the code:").waitFor();
  }
  await page.context().close();
});

test("the search finds a page", async () => {
  const { page } = await open("index.html");
  await page.getByRole("button", { name: "Search" }).click();
  await page.locator("#localsearch-input").fill("clip gradients");
  await page
    .getByRole("option", { name: /Clip gradients/ })
    .first()
    .waitFor();
  await page.context().close();
});

test("the demo and the page that measures are parts of the site", async () => {
  const { page } = await open("index.html");
  await page.getByRole("link", { name: "Demo" }).first().click();
  await page.getByText(/^Computed by groupNorm on /).waitFor({ timeout: 120_000 });
  await page.getByRole("link", { name: "Measure on your GPU" }).click();
  await page.locator("#times-start:enabled").waitFor();
  await page.context().close();
});
