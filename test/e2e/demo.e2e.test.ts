// These tests use the demo as a visitor does, in headless Chromium: with a mouse and without, on a
// phone, with files of any kind, and without WebGPU. One page goes through most of them, since a
// software adapter takes seconds to compile what the page shows.

import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import type { ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { serveDemo, type Visit, visitDemo } from "../../scripts/lib/demo.mjs";
import { differenceOf } from "../support/screenshots";

/** Nothing moves by itself. */
const DESKTOP: BrowserContextOptions = {
  ...{ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" },
};
const PHONE: BrowserContextOptions = {
  ...{ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  ...{ colorScheme: "dark", reducedMotion: "reduce" },
};
const STATIONS = ["effect", "leak", "experiment", "test", "break", "back", "cost", "yours"];
/** The rules of axe that colours and widths matter to. */
const OF_LOOK = [
  "color-contrast",
  "link-in-text-block",
  "scrollable-region-focusable",
  "target-size",
];
const PATIENCE = { timeout: 120_000 }; // a loaded machine compiles for a while

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

/** The text of the first such element. */
const text = (page: Page, selector: string) => page.locator(selector).first().textContent();

/** Waits until the GPU has answered, or float64 in its place. */
const computed = (page: Page) =>
  page.waitForFunction(
    () => document.querySelector("#by")?.textContent?.startsWith("Computed"),
    null,
    PATIENCE,
  );

/** Scrolls through the page until all stations are there. */
async function mountAll(page: Page): Promise<void> {
  for (const id of STATIONS) {
    await page.evaluate((name) => document.getElementById(name)?.scrollIntoView(), id);
    await page.waitForSelector(`#${id}[data-mounted]`, PATIENCE);
  }
}

/** Waits until a text of the page is like this. */
const reads = (page: Page, selector: string, like: RegExp) =>
  expect.poll(() => text(page, selector), PATIENCE).toMatch(like);

describe("one visit", () => {
  let visit: Visit;
  let page: Page;

  /** A test ends the device later. */
  const keepDevice = () => {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      const device = await requestDevice.apply(this, args);
      Reflect.set(globalThis, "device", device);
      return device;
    };
  };

  beforeAll(async () => {
    visit = await visitDemo(browser, url, { context: DESKTOP, before: keepDevice });
    page = visit.page;
    await computed(page);
  });
  afterAll(() => page?.close());

  test("the first screen is complete without scrolling", async () => {
    expect(await outside(page)).toEqual([]);
  });

  test("before any script ran, the page showed the same sheet", () =>
    expectSameBefore(page, DESKTOP));

  test("it names the library, and how to install it", async () => {
    expect(await text(page, ".brand")).toContain("npm install webgpu-norm");
  });

  test("the GPU's result agrees with float64", async () => {
    const by = (await text(page, "#by")) ?? "";
    expect(by).toMatch(/^Computed by groupNorm on .+ difference to float64: \d/);
    expect(Number(/float64: (\S+)\.$/.exec(by)?.[1])).toBeLessThan(3e-6);
  });

  test("pointing at a value shows its numbers in the formula", async () => {
    await page.locator("#sheet").hover({ position: { x: 300, y: 300 } });
    await reads(page, "#where", /row \d+, column \d+, one of 4,608 that share/);
    const equation = (await text(page, "#equation")) ?? "";
    const numbers = equation.replaceAll("−", "-").match(/-?\d+\.\d+/g) ?? [];
    expect(numbers.length).toBe(4);
    const [x, mean, deviation, y] = numbers.map(Number);
    expect((x - mean) / deviation).toBeCloseTo(y, 1);
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

  test("a norm is there as code in three worlds, and as a link", async () => {
    await page.locator(".family button", { hasText: "GroupNorm" }).click();
    await page.locator("[popovertarget=card]").click();
    await reads(
      page,
      "#card dl",
      /groupNorm\(x, \{ groups: 4 \}\)PyTorchF\.group_norm\(x, 4\)ONNX/,
    );
    expect(await page.locator("#card").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator("#card").isVisible()).toBe(false);
  });

  test("one picture alone: BatchNorm is InstanceNorm", async () => {
    await page.locator(".family button", { hasText: /^BatchNorm$/ }).click();
    await page.locator("#one-example").click();
    expect(await text(page, "#norm-name")).toBe("BatchNorm, 1 example: InstanceNorm");
    expect(await text(page, "#norm-sets")).toBe("8 sets of 2,304 values");
    expect(new URL(page.url()).hash).toBe("#norm=batch&n=1");
    await reads(page, "#by", /^Computed by batchNorm on /);
    await page.goBack();
    expect(await text(page, "#norm-sets")).toBe("8 sets of 13,824 values");
  });

  test("a link leads to a station, and keeps what was chosen", async () => {
    await page.locator("[data-station=effect]").click();
    await page.waitForSelector("#effect[data-mounted]", PATIENCE);
    expect(new URL(page.url()).hash).toBe("#norm=batch&at=effect");
  });

  test("a neighbour leaks through BatchNorm, and not one bit through others", async () => {
    await page.locator("[data-station=leak]").click();
    await page.waitForFunction(
      () => {
        const all = [...document.querySelectorAll("#leak .verdict")];
        return all.length > 0 && all.every(({ textContent }) => textContent);
      },
      null,
      PATIENCE,
    );
    const found = await page.locator("#leak .verdict").allTextContents();
    const labels = (await page.locator("#leak .label").allTextContents()).slice(1);
    for (const [i, label] of labels.entries()) {
      const leaks = /^(Ghost )?BatchNorm$/.test(label);
      expect(found[i], label).toMatch(leaks ? /^(6,912|34,560) of 34,560/ : /^0 of 34,560/);
    }
  });

  test("photographs, feature maps and digits are before and after", async () => {
    for (const [name, words] of [
      ["feature maps", /^Six feature maps of the first photograph/],
      ["digits", /^Six drawn digits/],
      ["photographs", /^Six photographs/],
    ] as const) {
      await page.locator("#effect .pill", { hasText: name }).click();
      await reads(page, "#effect .controls + p + p", words);
      await reads(page, "#effect .small", /^batchNorm on .+, off by at most \de-7$/);
      const last = page.locator("#effect .small").last();
      await expect.poll(() => last.textContent(), PATIENCE).toMatch(/^dynamicTanh on/);
    }
  });

  test("files of any kind: what cannot be read is said, what is too many as well", async () => {
    const note = "#effect .controls + p";
    const give = (files: { name: string; mimeType: string; buffer: Buffer }[]) =>
      page.locator("#own-files").setInputFiles(files);
    const words = Buffer.from("no picture");
    await give([{ name: "notes.txt", mimeType: "text/plain", buffer: words }]);
    await reads(page, note, /^No photograph .* Not readable here: notes.txt/);
    const large = await picture(page, 4000, 3000);
    await give([
      { name: "broken.jpg", mimeType: "image/jpeg", buffer: words },
      { name: "large.png", mimeType: "image/png", buffer: large },
    ]);
    await reads(page, note, /^Your own: large.png\. Those .* broken.jpg/);
    const small = await picture(page, 40, 60);
    const many = Array.from({ length: 50 }, (_, i) => {
      return { name: `${i}.png`, mimeType: "image/png", buffer: small };
    });
    await give(many);
    await reads(page, note, /44 more were left out: the page shows 6/);
  });

  test("no station violates accessibility, in light and wide, dark and narrow", async () => {
    await mountAll(page);
    for (const summary of await page.locator(".foot summary").all()) await summary.click();
    const found: string[] = [];
    const look = async (name: string, axe: AxeBuilder) => {
      const { violations } = await axe.analyze();
      found.push(
        ...violations.map(({ id, nodes }) => `${name}, ${id}: ${nodes[0].html.slice(0, 120)}`),
      );
    };
    await look("light and wide", new AxeBuilder({ page }));
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 844 });
    await look("dark and narrow", new AxeBuilder({ page }).withRules(OF_LOOK));
    expect(await overhang(page)).toBe(0);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(found).toEqual([]);
  });

  test("the GPU is lost while networks are trained: all goes on in float64", async () => {
    await page.locator("[data-station=experiment]").click();
    await page.locator("#experiment .strong", { hasText: "Train" }).click();
    await reads(page, "#experiment .status", /^Step ([1-9]|\d\d).* on /);
    await reads(page, "#test .answers", /BatchNorm, 32 examples/); // which waited for them
    const asked = page.evaluate(() => {
      Reflect.get(globalThis, "device").destroy();
      const norms = [...document.querySelectorAll<HTMLButtonElement>(".family button")];
      norms.find(({ textContent }) => textContent === "LayerNorm")?.click();
    });
    await asked;
    await reads(page, "#notice", /^The GPU was lost. The page goes on in float64/);
    await reads(page, "#by", /^Computed in float64, without a GPU/);
    expect(await text(page, "#norm-name")).toBe("LayerNorm");
    await reads(page, "#experiment .status", /^Step [1-9].* in float64, without a GPU/);
    await page.locator("#experiment .strong", { hasText: "Pause" }).click();
    await reads(page, "#back .by", /^Computed in float64/);
    await reads(page, "#yours .soft", /in float64, without a GPU/);
    await page.locator("#leak .pill", { hasText: "white" }).click();
    await reads(page, "#leak .by", /^Computed in float64/);
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

/** Pixels by which the page is wider than the screen. */
const overhang = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
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

test("on a phone the sheet, its stages and the keys are on one screen, with scripts or without", async () => {
  const { page, complaints } = await visitDemo(browser, url, { context: PHONE });
  await page.waitForFunction(() => !document.getElementById("first-picture"));
  expect(await outside(page)).toEqual([]);
  expect(await overhang(page)).toBe(0);
  await expectSameBefore(page, PHONE);
  expect(complaints).toEqual([]);
  await page.close();
});

/** Compares the sheet with what the page shows without any script. */
async function expectSameBefore(live: Page, context: BrowserContextOptions): Promise<void> {
  const visitor = await browser.newContext({ ...context, javaScriptEnabled: false });
  const page = await visitor.newPage();
  await page.goto(url);
  expect(await text(page, "#norm-sets")).toBe("24 sets of 4,608 values");
  expect(await page.locator(".station h2").count()).toBe(STATIONS.length);
  const before = await page.locator(".board").screenshot();
  await visitor.close();
  const handles = await live.addStyleTag({ content: "#handles { display: none }" });
  const after = await live.locator(".board").screenshot();
  await handles.evaluate((style) => style.parentNode?.removeChild(style));
  const { mean, share } = await differenceOf(live, before, after);
  expect(mean).toBeLessThan(5); // of 255: pictures are compressed
  expect(share).toBeLessThan(0.04);
}

describe("without WebGPU every picture still comes, and the page says so kindly", () => {
  test("where the browser does not have it", async () => {
    const before = () => Reflect.deleteProperty(Navigator.prototype, "gpu");
    const { page, complaints } = await visitDemo(browser, url, { before, context: DESKTOP });
    await computed(page);
    expect(await text(page, "#by")).toBe("Computed in float64, without a GPU.");
    expect(await text(page, "#notice")).toMatch(/no WebGPU/);
    await mountAll(page);
    await reads(page, "#leak .verdict", /of 34,560 other values changed/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("where there is no adapter", async () => {
    const before = () => {
      GPU.prototype.requestAdapter = async () => null;
    };
    const { page, complaints } = await visitDemo(browser, url, { before, context: DESKTOP });
    await computed(page);
    expect(await text(page, "#by")).toBe("Computed in float64, without a GPU.");
    expect(await text(page, "#notice")).toMatch(/gives no GPU/);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
