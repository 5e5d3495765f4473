// The webcam's way, on Chromium's fake camera, which plays a file of known pictures: their edges, frames
// without a leak, the camera's release, and what the page says when there is no camera.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../../scripts/lib/browser.mjs";
import { INNER, SIZE } from "../src/model.js";
import { at, edgesOf, openPage, pixelsOf, servePage } from "./page";

const [WIDTH, HEIGHT] = [640, 480]; // what a page gets that asks for any
const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-webcam-"));
const file = join(folder, "camera.y4m");

/** The left half is dark, the right one bright, and both gray, as luma from 16 to 235. */
const LUMA = [60, 180] as const;
const GRAY = LUMA.map((luma) => ((luma - 16) * 255) / 219) as [number, number];

/** A leak of one object a frame shows in these; a software adapter takes seconds for each. */
const FRAMES = 12;
const patient = { timeout: 60_000 };

let browser: Browser;
let server: Awaited<ReturnType<typeof servePage>>;

beforeAll(async () => {
  const luma = Buffer.alloc(WIDTH * HEIGHT, LUMA[0]);
  for (let y = 0; y < HEIGHT; y++) luma.fill(LUMA[1], y * WIDTH + WIDTH / 2, (y + 1) * WIDTH);
  const frame = [Buffer.from("FRAME\n"), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)];
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F20:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(file, Buffer.concat([header, ...Array.from({ length: 4 }, () => frame).flat()]));
  server = await servePage();
  const fake = ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${file}`];
  browser = await launchBrowser(fake);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the page has made and not destroyed, and its streams. */
interface Seen {
  alive: Record<"buffers" | "textures" | "bitmaps", number>;
  frames: number;
  streams: MediaStream[];
}
const seen = (page: Page) =>
  page.evaluate(() => {
    const { alive, frames } = globalThis as unknown as Seen;
    return { ...alive, frames };
  });

/** Counts what the page makes, before it makes any. */
function count(): void {
  const alive = { buffers: 0, textures: 0, bitmaps: 0 };
  const found: Seen = { alive, frames: 0, streams: [] };
  Object.assign(globalThis, found);
  const dead = new WeakSet<object>();
  const counted = (
    of: object,
    make: string,
    kind: keyof typeof alive,
    end: object,
    name: string,
  ) => {
    const [making, ending] = [Reflect.get(of, make), Reflect.get(end, name)];
    const born = <T>(one: T) => {
      alive[kind]++;
      return one;
    };
    Reflect.set(of, make, function (this: unknown, ...args: unknown[]) {
      const one = making.apply(this, args);
      return one instanceof Promise ? one.then(born) : born(one);
    });
    Reflect.set(end, name, function (this: object) {
      if (!dead.has(this)) alive[kind]--;
      dead.add(this);
      return ending.call(this);
    });
  };
  const device = GPUDevice.prototype;
  counted(device, "createBuffer", "buffers", GPUBuffer.prototype, "destroy");
  counted(device, "createTexture", "textures", GPUTexture.prototype, "destroy");
  counted(globalThis, "createImageBitmap", "bitmaps", ImageBitmap.prototype, "close");
  const draw = CanvasRenderingContext2D.prototype.putImageData as (...args: unknown[]) => void;
  CanvasRenderingContext2D.prototype.putImageData = function (...args: unknown[]) {
    (globalThis as unknown as Seen).frames++;
    return draw.apply(this, args);
  };
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    (globalThis as unknown as Seen).streams.push(stream);
    return stream;
  };
}

async function open(from: Browser, ...permissions: string[]): Promise<Page> {
  const context = await from.newContext({ permissions });
  const page = await context.newPage();
  await page.addInitScript(count);
  return openPage(page, server.url);
}

const button = (page: Page) => page.locator("#webcam");
const said = (page: Page) => page.locator("#state").textContent();
const reached = (page: Page, frames: number) =>
  page.waitForFunction((n) => (globalThis as unknown as Seen).frames >= n, frames, {
    timeout: 10_000 * Math.max(12, frames),
  });
const tracks = (page: Page) =>
  page.evaluate(() =>
    (globalThis as unknown as Seen).streams.flatMap((stream) =>
      stream.getTracks().map(({ readyState }) => readyState),
    ),
  );

test("a known picture has the edges that it should, through many frames without a leak", async () => {
  const page = await open(browser, "camera");
  await button(page).click();
  await reached(page, 6); // the photograph and five frames
  const image = await pixelsOf(page, "image");
  const edges = await pixelsOf(page, "edges");
  const right = edgesOf(image);
  right.forEach((edge, i) => {
    expect(Math.abs((edges[4 * i] as number) - Math.min(255, 255 * edge))).toBeLessThan(2);
  });
  const middle = SIZE / 2;
  for (let y = 0; y < SIZE; y += 37) {
    for (let x = 0; x < SIZE; x++) {
      if (Math.abs(x - middle) < 4) continue; // where the resize mixes both
      const gray = GRAY[x < middle ? 0 : 1];
      expect(Math.abs((image[4 * (y * SIZE + x)] as number) - gray)).toBeLessThan(3);
    }
  }
  // one edge, upright: Sobel's sum across it is 4 steps of the gray
  const row = edges.slice(4 * 100 * INNER, 4 * 101 * INNER).filter((_, i) => i % 4 === 0);
  const strong = row.flatMap((edge, x) => (edge > 20 ? [x + 1] : []));
  expect(strong.length).toBeGreaterThan(1);
  for (const x of strong) expect(Math.abs(x - middle)).toBeLessThan(4);

  const before = await seen(page);
  await reached(page, before.frames + FRAMES);
  const after = await seen(page);
  expect(await tracks(page)).toEqual(["live"]);
  await button(page).click();
  await expect.poll(() => button(page).textContent(), patient).toBe("webcam");
  expect(await tracks(page)).toEqual(["ended"]);
  const stopped = await seen(page);
  for (const kind of ["buffers", "textures", "bitmaps"] as const) {
    expect(Math.abs(after[kind] - before[kind]), kind).toBeLessThanOrEqual(2); // of the frame that is under way
  }
  expect(stopped.bitmaps).toBe(0);
  await page.waitForTimeout(300);
  expect((await seen(page)).frames).toBe(stopped.frames);
  expect(await said(page)).toMatch(/^\d+ ms on /);
  await page.context().close();
}, 600_000);

test("a file takes the camera's place, and the camera can be started again", async () => {
  const page = await open(browser, "camera");
  await button(page).click();
  await reached(page, 3);
  await page.setInputFiles("#file", at("../../style-transfer/photographs/rocket.webp"));
  await expect.poll(() => tracks(page), patient).toEqual(["ended"]);
  await expect.poll(() => button(page).textContent(), patient).toBe("webcam");
  const isStill = async () => {
    const { frames } = await seen(page);
    await page.waitForTimeout(3000);
    return (await seen(page)).frames === frames;
  };
  await expect.poll(isStill, patient).toBe(true); // the file is what is left
  const { frames } = await seen(page);
  const red = (await pixelsOf(page, "image")).filter((_, i) => i % 4 === 0);
  expect(new Set(red).size).toBeGreaterThan(100); // a photograph's
  await button(page).click();
  await reached(page, frames + 2);
  expect(await tracks(page)).toEqual(["ended", "live"]);
  await page.context().close();
}, 120_000);

test("a camera that goes away is named", async () => {
  const page = await open(browser, "camera");
  await button(page).click();
  await reached(page, 3);
  await page.evaluate(() => {
    const [stream] = (globalThis as unknown as Seen).streams;
    for (const track of stream?.getTracks() ?? []) track.stop();
  });
  await expect.poll(() => said(page), patient).toBe("the camera has gone");
  expect(await button(page).textContent()).toBe("webcam");
  await page.context().close();
}, 120_000);

test("a camera that is not allowed is named", async () => {
  const page = await open(browser);
  await button(page).click();
  const message = "the page may not use a camera: allow it beside the address, and try again";
  await expect.poll(() => said(page), patient).toBe(message);
  expect(await button(page).isEnabled()).toBe(true);
  await page.context().close();
}, 120_000);

test("a machine without a camera is named", async () => {
  const without = await launchBrowser();
  const page = await open(without, "camera");
  await button(page).click();
  const message = "there is no camera here: connect one, or choose a file";
  await expect.poll(() => said(page), patient).toBe(message);
  expect(await button(page).isEnabled()).toBe(true);
  await without.close();
}, 120_000);
