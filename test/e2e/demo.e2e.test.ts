// These tests use the demo as a visitor does, in headless Chromium: with a mouse and without, on a
// phone, with files of any kind, and without WebGPU.

import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import type { ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { serveDemo, type Visit, visitDemo } from "../../scripts/lib/demo.mjs";

const DESKTOP: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };
const PHONE: BrowserContextOptions = {
  ...{ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  colorScheme: "dark",
};

const PATIENCE = { timeout: 60_000 };

let vite: ViteDevServer;
let url: string;
let browser: Browser;

beforeAll(async () => {
  ({ vite, url } = await serveDemo({ port: 5273 }));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await vite?.close();
});

const text = (page: Page, selector: string) => page.locator(selector).textContent();

/** Waits until the GPU has answered, or float64 in its place. */
const computed = (page: Page) =>
  page.waitForFunction(() => document.querySelector("#by")?.textContent?.startsWith("Computed"));

describe("the first screen", () => {
  let visit: Visit;
  let page: Page;
  beforeAll(async () => {
    visit = await visitDemo(browser, url, { context: DESKTOP });
    page = visit.page;
    await computed(page);
  });
  afterAll(() => page?.close());

  test("is complete without scrolling", async () => {
    expect(await outside(page)).toEqual([]);
  });

  test("names the library, and how to install it", async () => {
    expect(await text(page, ".brand")).toContain("npm install webgpu-norm");
  });

  test("the GPU's result agrees with float64", async () => {
    const by = (await text(page, "#by")) ?? "";
    expect(by).toMatch(/^Computed by groupNorm on .+ difference to float64: \d/);
    expect(Number(/float64: (\S+)\.$/.exec(by)?.[1])).toBeLessThan(3e-6);
  });

  test("pointing at a value shows its numbers in the formula", async () => {
    const sheet = page.locator("#sheet");
    await sheet.hover({ position: { x: 300, y: 300 } });
    expect(await text(page, "#where")).toMatch(/row \d+, column \d+, one of 4,608 that share/);
    const equation = (await text(page, "#equation")) ?? "";
    const numbers = equation.replaceAll("−", "-").match(/-?\d+\.\d+/g) ?? [];
    expect(numbers.length).toBe(4);
    const [x, mean, deviation, y] = numbers.map(Number);
    expect((x - mean * (equation.includes("(−") ? 1 : 1)) / deviation).toBeCloseTo(y, 1);
  });

  test("keys choose axes, and all combinations of them run", async () => {
    for (const [key, name] of [
      ["N", "Nobody has named this one"], // N, C, H, W
      ["C", "BatchNorm"], // N, H, W
      ["N", "InstanceNorm"], // H, W
    ] as const) {
      await page.locator(`[data-axis="${key}"]`).click();
      expect(await text(page, "#norm-name")).toBe(name);
    }
  });

  test("the browser's way back is a choice back", async () => {
    await page.locator(".family button", { hasText: "SyncBatchNorm" }).click();
    expect(await text(page, "#norm-name")).toBe("SyncBatchNorm");
    expect(new URL(page.url()).hash).toBe("#norm=sync");
    await page.goBack();
    expect(await text(page, "#norm-name")).toBe("InstanceNorm");
    await page.goForward();
    expect(await text(page, "#norm-name")).toBe("SyncBatchNorm");
  });

  test("everything on it is done with the keyboard, too", async () => {
    await page.locator(".family button", { hasText: "GroupNorm" }).click();
    await page.locator("#sheet").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await text(page, "#where")).toMatch(/^coffee, red, row 1, column 0/);
    await page.keyboard.press("Enter");
    expect(new URL(page.url()).hash).toMatch(/cell=\d+/);
    await page.keyboard.press("]");
    expect(await page.locator("#time").inputValue()).toBe("2");
    await page.keyboard.press("[");
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    expect(await text(page, "#norm-name")).toBe("Nobody has named this one");
    await page.locator(".family button", { hasText: "GroupNorm" }).click();
    await page.locator('[aria-label="Groups of channels"]').focus();
    await page.keyboard.press("ArrowLeft");
    expect(await text(page, "#norm-name")).toBe("GroupNorm, 8 groups: InstanceNorm");
  });

  test("a group's edge is dragged on the sheet", async () => {
    const handle = page.locator('[aria-label="Groups of channels"]');
    const sheet = await page.locator("#sheet").boundingBox();
    const box = await handle.boundingBox();
    if (!sheet || !box) throw new Error("no handle");
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width / 2, y);
    await page.mouse.down();
    await page.mouse.move(sheet.x + sheet.width - 20, y, { steps: 5 });
    await page.mouse.up();
    expect(await text(page, "#norm-name")).toBe("GroupNorm, 1 group: LayerNorm");
  });

  test("nothing is on the console", () => expect(visit.complaints).toEqual([]));
});

/** What should be on the first screen and is not. */
async function outside(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wanted = ["h1", ".brand", "#sheet", "#time", "#keys", "#equation", "#norm-name"];
    return wanted.filter((selector) => {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      return !box || box.height === 0 || box.top < 0 || box.bottom > innerHeight + 1;
    });
  });
}

test("on a phone the sheet, its stages and the keys are on one screen, in the dark", async () => {
  const { page, complaints } = await visitDemo(browser, url, { context: PHONE });
  await computed(page);
  expect(await outside(page)).toEqual([]);
  const overhang = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  expect(overhang).toBe(0);
  expect(complaints).toEqual([]);
  await page.close();
});

const STATIONS = ["effect", "leak", "experiment", "test", "break", "back", "cost", "yours"];

/** Scrolls through the page until all stations are there and at rest. */
async function mountAll(page: Page): Promise<void> {
  for (const id of STATIONS) {
    await page.evaluate((name) => document.getElementById(name)?.scrollIntoView(), id);
    await page.waitForSelector(`#${id}[data-mounted]`);
  }
}

describe("all stations", () => {
  for (const [name, context] of Object.entries({
    "on a desktop": DESKTOP,
    "in the dark": { ...DESKTOP, colorScheme: "dark" as const },
    "on a phone": PHONE,
  })) {
    test(`have no violation of accessibility, ${name}`, async () => {
      const page = await (await browser.newContext(context)).newPage();
      await page.goto(url);
      await page.waitForFunction(() => document.documentElement.dataset.state === "done");
      await computed(page);
      await mountAll(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
      expect(found).toEqual([]);
      await page.context().close();
    });
  }

  test("a neighbour leaks through BatchNorm, and not one bit through others", async () => {
    const { page, complaints } = await visitDemo(browser, `${url}#at=leak`, { context: DESKTOP });
    const verdicts = page.locator("#leak .verdict");
    await page.waitForFunction(() => {
      const all = [...document.querySelectorAll("#leak .verdict")];
      return all.length > 0 && all.every(({ textContent }) => textContent);
    });
    const found = await verdicts.allTextContents();
    const labels = (await page.locator("#leak .label").allTextContents()).slice(1);
    for (const [i, label] of labels.entries()) {
      const leaks = /^(Ghost )?BatchNorm$/.test(label);
      expect(found[i], label).toMatch(leaks ? /^(6,912|34,560) of 34,560/ : /^0 of 34,560/);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test("files of any kind: what cannot be read is said, what is too many as well", async () => {
  const { page, complaints } = await visitDemo(browser, `${url}#at=effect`, { context: DESKTOP });
  await page.waitForSelector("#effect[data-mounted]");
  const give = (files: { name: string; mimeType: string; buffer: Buffer }[]) =>
    page.locator("#own-files").setInputFiles(files);
  const note = page.locator("#effect .controls + p");
  const words = Buffer.from("no picture");
  await give([{ name: "notes.txt", mimeType: "text/plain", buffer: words }]);
  await expect
    .poll(() => note.textContent(), PATIENCE)
    .toMatch(/^No photograph .* Not readable here: notes.txt/);
  const large = await picture(page, 4000, 3000);
  await give([
    { name: "broken.jpg", mimeType: "image/jpeg", buffer: words },
    { name: "large.png", mimeType: "image/png", buffer: large },
  ]);
  await expect
    .poll(() => note.textContent(), PATIENCE)
    .toMatch(/^Your own: large.png\. Those .* broken.jpg/);
  const small = await picture(page, 40, 60);
  await give(
    Array.from({ length: 50 }, (_, i) => {
      return { name: `${i}.png`, mimeType: "image/png", buffer: small };
    }),
  );
  await expect
    .poll(() => note.textContent(), PATIENCE)
    .toMatch(/44 more were left out: the page shows 6/);
  expect(complaints).toEqual([]);
  await page.close();
});

/** A picture of this size, as PNG. */
async function picture(page: Page, width: number, height: number): Promise<Buffer> {
  const base64 = await page.evaluate(
    ([w, h]) => {
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width: w, height: h });
      const g = canvas.getContext("2d");
      if (g) {
        g.fillStyle = "orange";
        g.fillRect(0, 0, w / 2, h);
      }
      return canvas.toDataURL("image/png").split(",")[1];
    },
    [width, height],
  );
  return Buffer.from(base64, "base64");
}

describe("without WebGPU every picture still comes, and the page says so kindly", () => {
  test("where the browser does not have it", async () => {
    await expectFloat64(/no WebGPU/, () => Reflect.deleteProperty(Navigator.prototype, "gpu"));
  });

  test("where there is no adapter", async () => {
    await expectFloat64(/gives no GPU/, () => {
      GPU.prototype.requestAdapter = async () => null;
    });
  });
});

async function expectFloat64(notice: RegExp, before: () => unknown): Promise<void> {
  const { page, complaints } = await visitDemo(browser, url, { before, context: DESKTOP });
  await computed(page);
  expect(await text(page, "#by")).toBe("Computed in float64, without a GPU.");
  expect(await text(page, "#notice")).toMatch(notice);
  await mountAll(page);
  await page.waitForFunction(() => document.querySelector("#leak .verdict")?.textContent);
  expect(complaints).toEqual([]);
  await page.close();
}
