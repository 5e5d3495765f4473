// These tests use the built page "Measure on your GPU" as a visitor does: they start, stop, tune, take
// the figures home, and lose the device.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve } from "../../bench/build.mjs";
import { blocks } from "../../bench/markdown";
import type { Report, Tuning } from "../../bench/report";
import { launchBrowser, root } from "../../scripts/lib/browser.mjs";
import { complaintsOf } from "../../scripts/lib/demo.mjs";

const outDir = mkdtempSync(join(tmpdir(), "webgpu-norm-demo-"));
let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;

beforeAll(async () => {
  const configFile = join(root, "vite.config.ts");
  await build({ configFile, logLevel: "error", build: { outDir } });
  server = await serve(outDir);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(outDir, { recursive: true });
});

const SMALL = "workload=LayerNorm+[1,&rounds=1";
const TIMES = "#times-table tbody tr";

interface Visit {
  readonly page: Page;
  readonly complaints: string[];
}

/** Code that the worker runs before its own. */
async function visit(
  query: string,
  context: BrowserContextOptions = {},
  code = "",
): Promise<Visit> {
  const page = await browser.newPage(context);
  const complaints = complaintsOf(page);
  if (code) {
    await page.route(/gpu_worker/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${code};${await response.text()}` });
    });
  }
  await page.goto(`${server.url}measure.html?${query}`);
  return { page, complaints };
}

/** Clicks when the button can be clicked: the page looks at the device first. */
const start = (page: Page, what = "times") => page.locator(`#${what}-start`).click();

const ended = (page: Page, what = "times") =>
  page.locator(`#${what}-start:enabled`).waitFor({ timeout: 120_000 });

async function downloaded(page: Page, what = "times"): Promise<{ name: string; text: string }> {
  const download = page.waitForEvent("download");
  await page.locator(`#${what}-download`).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

test("on a phone: measures, and gives a report in the benchmark's form", async () => {
  const viewport = { width: 360, height: 740 };
  const phone = { viewport, isMobile: true, hasTouch: true, colorScheme: "dark" } as const;
  const permissions = ["clipboard-read", "clipboard-write"];
  const { page, complaints } = await visit(SMALL, { ...phone, permissions });
  await page.locator("#machine").fill("a phone");
  await start(page);
  await ended(page);
  expect(await page.locator("#times-status").textContent()).toBe("Done");
  expect(await page.locator(TIMES).count()).toBe(1);
  expect(await page.locator(TIMES).textContent()).toMatch(/LayerNorm\[1, 4096\]\d+ %/);
  expect(await page.locator("#times-chart svg").isVisible()).toBe(true);

  const { name, text } = await downloaded(page);
  const report = JSON.parse(text) as Report;
  expect(name).toMatch(/^[\w.-]+\.json$/);
  expect(report).toMatchObject({
    engine: expect.stringMatching(/\d/),
    machine: expect.stringMatching(/^a phone, /),
    adapter: expect.stringMatching(/\w/),
    clock: expect.stringMatching(/^(wall clock|timestamp queries)$/),
    libraries: [{ id: "ours" }, { id: "copy" }],
    rows: [{ results: { ours: { status: "timed" }, copy: { status: "timed", multiple: 1 } } }],
  });
  expect(report.error).toBeUndefined();
  for (const block of Object.values(blocks(report))) {
    expect(block).not.toMatch(/NaN|undefined|Infinity/);
  }
  await page.locator("#times-copy").click();
  await page.getByText("Copied.").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);

  const software = page.locator("#software");
  expect(await software.isVisible()).toBe(report.software);
  const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
  expect(scrollWidth).toBe(clientWidth);
  expect(complaints).toEqual([]);
  await page.close();
});

test("stops when asked, keeps its rows, and starts again", async () => {
  const { page, complaints } = await visit("workload=64]&rounds=1");
  await start(page);
  await page.locator(TIMES).first().waitFor();
  await page.locator("#times-stop").click();
  await ended(page);
  expect(await page.locator("#times-status").textContent()).toBe("Stopped");
  const { rows, error } = JSON.parse((await downloaded(page)).text) as Report;
  expect(rows).toHaveLength(await page.locator(TIMES).count());
  expect(error).toBe("stopped by the visitor");

  await start(page);
  await page.locator(TIMES).first().waitFor({ state: "detached" });
  await page.locator(TIMES).first().waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("says how far the planner is from what tune finds", async () => {
  const { page, complaints } = await visit("workload=BatchNorm+inference"); // it has the fewest plans
  await start(page, "plans");
  await ended(page, "plans");
  expect(await page.locator("#plans-summary").textContent()).toMatch(/ of 1 rows/);
  const { name, text } = await downloaded(page, "plans");
  expect(name).toMatch(/^tuning-/);
  const { rows } = JSON.parse(text) as Tuning;
  expect(rows).toMatchObject([{ name: "BatchNorm inference", shape: [8, 64, 56, 56] }]);
  expect(rows[0].ratio).toBeGreaterThanOrEqual(1);
  expect(complaints).toEqual([]);
  await page.close();
});

test("a lost device is named, and the next run has another", async () => {
  const lose = `{
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...given) {
      const device = await requestDevice.apply(this, given);
      globalThis.addEventListener("message", ({ data }) => data.job === "measure" && device.destroy());
      return device;
    };
  }`;
  const { page } = await visit(SMALL, {}, lose);
  await start(page);
  await ended(page);
  expect(await page.locator("#times-status").textContent()).toMatch(/GPU was lost/);
  await page.unroute(/gpu_worker/);
  await start(page);
  await ended(page);
  expect(await page.locator("#times-status").textContent()).toBe("Done");
  expect(await page.locator(TIMES).count()).toBe(1);
  await page.close();
});

test("without WebGPU the page says so", async () => {
  const { page } = await visit(
    SMALL,
    {},
    "Reflect.deleteProperty(WorkerNavigator.prototype, 'gpu')",
  );
  await page.locator("#notice").waitFor();
  expect(await page.locator("#notice").textContent()).toMatch(/no WebGPU/);
  await start(page);
  await ended(page);
  expect(await page.locator("#times-status").textContent()).toMatch(/no WebGPU.*start again/);
  await page.close();
});

test("the demo has a link to it", async () => {
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.getByRole("link", { name: "Measure on your GPU" }).click();
  await page.locator("#times-start:enabled").waitFor();
  await page.close();
});
