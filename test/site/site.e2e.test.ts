// The site is built as `npm run docs` builds it, and visited: no link is broken, axe finds nothing on desktop and
// phone in both colour schemes, an example computes on the GPU, and a stranger finds a call in three clicks.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { complaintsOf } from "../../scripts/lib/demo.mjs";
import {
  brokenLinks,
  buildSite,
  composePages,
  serveSite,
  built as site,
} from "../../scripts/lib/site.mjs";
import { dictionary } from "../../site/generate/dictionary";
import { examples } from "../../site/generate/examples";

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
const PAGES = [
  "index.html",
  "guide.html",
  "operations/index.html",
  "operations/groupNorm.html",
  "operations/globalResponseNorm.html",
  "migrate/onnx.html",
  "scale.html",
  "examples/index.html",
  ...examples().map(({ folder }) => `examples/${folder}.html`),
  ...examples().flatMap(({ folder, live }) =>
    live.map((page) => `examples/live/${folder}/${page}`),
  ),
];

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

test("an example runs in the site as its own page", async () => {
  const { page, complaints } = await open("examples/style-transfer.html");
  await page.getByRole("link", { name: "Run it on your GPU" }).click();
  await page.getByText(/^36 pictures in \d+ ms on /).waitFor();
  const slider = page.getByRole("slider", { name: "strength" });
  const pixels = () =>
    page
      .getByRole("img", { name: "cat in the style of rocket" })
      .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const styled = await pixels();
  await slider.fill("0");
  await expect.poll(pixels).not.toBe(styled);
  expect(complaints).toEqual([]);
  await page.context().close();
});

interface BuiltPage {
  readonly html: string;
  readonly text: string;
}

const withoutTags = (html: string) =>
  html
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]+>/g, " ") // a cell ends a word
    .replaceAll("&#39;", "'");

const readPages = new Map<string, BuiltPage | null>();

/** A page of the built site by its path; null for what is none. */
function built(path: string): BuiltPage | null {
  const known = readPages.get(path);
  if (known !== undefined) return known;
  const file = join(site, path);
  const html = path.endsWith(".html") && existsSync(file) ? readFileSync(file, "utf8") : "";
  const page = html ? { html, text: withoutTags(html) } : null;
  readPages.set(path, page);
  return page;
}

/** The pages that HTML links to. */
function linksOf(html: string, from: string): string[] {
  return [...html.matchAll(/<a\b[^>]*\shref="([^"#]+)/g)].flatMap(([, target = ""]) => {
    if (/^\w+:/.test(target)) return [];
    const path = new URL(target, `http://site/${from}`).pathname.slice(1);
    return [path === "" || path.endsWith("/") ? `${path}index.html` : path];
  });
}

/** A link of a table that a reader follows for an operator is in a row that names it. */
function linksFor(name: string, { html }: BuiltPage, from: string): string[] {
  const rows = html.match(/<tr>[\s\S]*?<\/tr>/g) ?? [];
  const own = rows.filter((row) => names(withoutTags(row), name));
  return linksOf(own.join(""), from);
}

const names = (text: string, name: string) =>
  new RegExp(`(?<![\\w.])${name.replaceAll(".", "\\.")}(?!\\w)`).test(text);

/** Whether a page has the call for an operator, its cost, and the source of the kernel. */
function answers({ html, text }: BuiltPage, name: string, operations: readonly string[]): boolean {
  const call = operations.some((operation) => text.includes(`${operation}(`));
  const cost = html.includes('id="cost"') && /\d MB|bytes \/ bytes of x/.test(text);
  const kernel = /<a href="[^"]*source\/shaders\/kernels\/\w+\.html"/.test(html);
  return names(text, name) && call && cost && kernel;
}

/** The fewest clicks from the first page to an answer: any link of the first page, then those of the operator. */
function clicksTo(name: string, operations: readonly string[]): number {
  const seen = new Set(["index.html"]);
  let pages = ["index.html"];
  for (let clicks = 0; pages.length > 0; clicks++) {
    const found = pages.flatMap((path) => {
      const page = built(path);
      return page ? [{ path, page }] : [];
    });
    if (found.some(({ page }) => answers(page, name, operations))) return clicks;
    const next = found.flatMap(({ path, page }) =>
      clicks === 0 ? linksOf(page.html, path) : linksFor(name, page, path),
    );
    pages = [...new Set(next)].filter((path) => !seen.has(path));
    for (const path of pages) seen.add(path);
  }
  return Infinity;
}

/** "torch.mean, var" are two, and what stands in brackets or belongs to somebody is none. */
const namesIn = (operator: string) =>
  operator
    .replace(/ \([^)]*\)/g, "")
    .replace(/^transformers' /, "")
    .split(", ");

test("every norm of ONNX and PyTorch is three clicks from the first page, with call, cost and kernel", () => {
  const wanted = dictionary().filter(
    ({ library, calls, operations }) =>
      /ONNX|onnxruntime|PyTorch/.test(library) &&
      operations.length > 0 &&
      !calls.startsWith("the activation"),
  );
  const all = wanted.flatMap(({ operator, operations }) =>
    namesIn(operator).map((name) => ({ name, clicks: clicksTo(name, operations) })),
  );
  expect(all.length).toBeGreaterThan(45);
  expect(all.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["nn.GroupNorm", "LpNormalization", "LRN", "SkipLayerNormalization"]),
  );
  expect(all.filter(({ clicks }) => clicks > 3)).toEqual([]);
  expect(clicksTo("nn.NoSuchNorm", ["groupNorm"])).toBe(Infinity);
});

/** From the first page: what a stranger types, and the page that answers. */
const QUESTIONS = [
  ["nn.GroupNorm", "groupNorm"],
  ["torch.nn.functional.group_norm", "groupNorm"],
  ["nn.BatchNorm2d", "batchNorm"],
  ["Llama RMSNorm", "rmsNorm"],
  ["Mamba gated RMSNorm", "rmsNorm"],
  ["masked LayerNorm", "layerNorm"],
  ["tf.keras.layers.BatchNormalization", "batchNorm"],
  ["SkipLayerNormalization", "layerNorm"],
  ["LRN", "localResponseNorm"],
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

/** What the search is asked, and the operation whose page comes first. */
const SEARCHES = [
  ["clip gradients", "clipGradNorm"],
  ["nn.GroupNorm", "groupNorm"],
  ["LpNormalization", "lpNormalize"],
  ["F.rms_norm", "rmsNorm"],
  ["SimplifiedLayerNormalization", "rmsNorm"],
  ["MeanVarianceNormalization", "meanVarianceNorm"],
  ["LRN", "localResponseNorm"],
] as const;

test("the search finds the page of an operation first, by its names elsewhere", async () => {
  const { page } = await open("index.html");
  await page.getByRole("button", { name: "Search" }).click();
  const first = page.locator(".result").first();
  for (const [words, operation] of SEARCHES) {
    await page.locator("#localsearch-input").fill(words);
    await expect
      .poll(() => first.getAttribute("href"), { message: words, timeout: 10_000 })
      .toMatch(new RegExp(`/operations/${operation}\\.html`));
  }
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
