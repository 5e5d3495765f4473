// These tests use the demo as a visitor does, in headless Chromium: with a mouse and without, on a
// phone, and without WebGPU.

import type { Browser, Page } from "playwright";
import type { ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { finished, reportOf, serveDemo, type Visit, visitDemo } from "../../scripts/lib/demo.mjs";

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

describe("the default run", () => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await visitDemo(browser, url);
  });
  afterAll(() => visit?.page.close());

  test("ends with every check passed and nothing on the console", () => {
    const { state, report, complaints } = visit;
    expect(report?.error).toBeUndefined();
    expect(state).toBe("done");
    expect(report?.checks.length).toBeGreaterThan(0);
    expect(report?.checks.filter((check) => !check.passed)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("has the four norms, measured", () => {
    const rows = visit.report?.rows ?? [];
    expect(rows.map((row) => row.norm)).toEqual([
      expect.stringMatching(/batch/i),
      expect.stringMatching(/layer/i),
      expect.stringMatching(/instance/i),
      expect.stringMatching(/group/i),
    ]);
    for (const row of rows) {
      expect(row.maxError).toBeLessThanOrEqual(2e-6);
      expect(row.ms).toBeGreaterThan(0);
      expect(row.gbs).toBeGreaterThan(0);
    }
  });

  test("says that the adapter is a software one", async () => {
    const note = visit.page.locator("#software");
    expect(await note.isVisible()).toBe(visit.report?.adapter.software);
  });

  test("every control is reached with Tab alone", async () => {
    const missed = await controlsWithoutTab(visit.page);
    expect(missed).toEqual([]);
  });

  test("a slider moved by an arrow key runs the comparison again", async () => {
    const { page } = visit;
    const slider = page.locator("#groups");
    const before = await slider.inputValue();
    await page.evaluate(() => Reflect.deleteProperty(globalThis, "normReport"));
    await slider.focus();
    await page.keyboard.press(
      before === (await slider.getAttribute("max")) ? "ArrowLeft" : "ArrowRight",
    );
    expect(await slider.inputValue()).not.toBe(before);
    await page.waitForFunction(() => "normReport" in globalThis);
    expect(await finished(page)).toBe("done");
    const report = await reportOf(page);
    expect(report?.checks.filter((check) => !check.passed)).toEqual([]);
    expect(visit.complaints).toEqual([]);
  });
});

/** Walks through the page with Tab; what a visitor could click but the walk missed. */
async function controlsWithoutTab(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.addEventListener("focusin", ({ target }) => {
      if (target instanceof Element) target.setAttribute("data-reached", "");
    });
  });
  for (let i = 0; i < 100; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement === document.body)) break;
  }
  return page.evaluate(() => {
    const controls = document.querySelectorAll("a[href], button, input, select, summary");
    const missed = [...controls].filter((control) => {
      // one radio button of a group takes the focus for all
      const group = control.getAttribute("type") === "radio" && control.closest("fieldset");
      const reached = group
        ? group.querySelector("[data-reached]")
        : control.matches("[data-reached]");
      return !reached && control.checkVisibility() && !control.matches(":disabled");
    });
    return missed.map((control) => control.outerHTML.slice(0, 100));
  });
}

test("on a phone, in the dark, nothing has to be scrolled sideways", async () => {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } as const;
  const context = { ...phone, colorScheme: "dark" } as const;
  const { page, state, complaints } = await visitDemo(browser, url, { context });
  expect(state).toBe("done");
  expect(complaints).toEqual([]);
  const overhang = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  expect(overhang).toBe(0);
  await page.close();
});

describe("without WebGPU the page says so", () => {
  test("where the browser does not have it", async () => {
    await expectNotice(/no WebGPU/, () => Reflect.deleteProperty(Navigator.prototype, "gpu"));
  });

  test("where there is no adapter", async () => {
    await expectNotice(/gives no GPU/, () => {
      GPU.prototype.requestAdapter = async () => null;
    });
  });
});

async function expectNotice(text: RegExp, before: () => unknown): Promise<void> {
  const { page, state, report, complaints } = await visitDemo(browser, url, { before });
  expect(state).toBe("failed");
  expect(report?.error).toMatch(/\S/);
  const notice = page.locator("#notice");
  expect(await notice.isVisible()).toBe(true);
  expect(await notice.textContent()).toMatch(text);
  expect(complaints).toEqual([]);
  await page.close();
}
