// The built package runs in pages, module workers and service workers that allow scripts of their
// own server alone: nothing of it is evaluated from text, and what it loads later comes from there.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFirefox } from "../../scripts/lib/firefox.mjs";
import { html } from "../../scripts/lib/pages.mjs";
import { far, rows } from "../adapters/float64";
import { copyPackage } from "../support/built_package";
import { codeOf } from "../support/doc_code";
import { PLACES, type Place, programs, type Report } from "../support/page_programs";
import { type Open, openChromium, reported } from "../support/reported";

const dist = mkdtempSync(join(tmpdir(), "webgpu-norm-pages-"));

beforeAll(async () => {
  await copyPackage(dist, "minified");
});
afterAll(() => rmSync(dist, { recursive: true }));

/** The report of the program at that place. */
async function reportOf(open: Open, place: Place, entry: Parameters<typeof programs>[1]) {
  return JSON.parse(await reported(open, programs(dist, entry), `/${place}`)) as Report;
}

function expectRight({ error, where, y, dx, tuned }: Report, scope: RegExp): void {
  expect(error).toBeUndefined();
  expect(where).toMatch(scope);
  const near = (values: number[], wanted: number[]) =>
    wanted.forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 5);
    });
  near(
    y,
    [-3, -1, 1, 3].map((v) => v / Math.sqrt(5)),
  );
  near(
    dx,
    [0.6, -0.8, -0.2, 0.4].map((v) => v / Math.sqrt(5)),
  );
  expect(tuned).toBe(1);
}

const SCOPES = {
  page: /^Window$/,
  worker: /^DedicatedWorkerGlobalScope$/,
  service_worker: /^ServiceWorkerGlobalScope$/,
};

// headless Chromium has no adapter in service workers
const IN_CHROMIUM = [
  ["page", "index.js"],
  ["worker", "webgpu-norm.min.js"],
  ["worker", "index.js"],
] as const;

for (const [place, entry] of IN_CHROMIUM) {
  test(`Chromium, ${place}, ${entry}`, async () => {
    expectRight(await reportOf(openChromium, place, entry), SCOPES[place]);
  });
}

const { WEBGPU_NORM_FIREFOX: path, ...env } = process.env; // as `npm run test:firefox` says

for (const place of PLACES) {
  const entry = place === "service_worker" ? "webgpu-norm.min.js" : "index.js"; // which has no import()
  test.skipIf(!path)(`Firefox, ${place}, ${entry}`, async () => {
    const open: Open = async (url) => openFirefox({ path: path ?? "", env }, url);
    expectRight(await reportOf(open, place, entry), SCOPES[place]);
  });
}

test.skipIf(!path)("Firefox, the service worker of docs/interop.md", async () => {
  const blocks = codeOf("docs/interop.md", "A service worker").map((one) => [one.file, one.code]);
  const { "client.js": client, "service.js": service } = Object.fromEntries(blocks);
  const outside = `
    const show = (y) => fetch("/report", { method: "POST", body: JSON.stringify([...y]) });
    const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 9);`;
  const minified = readFileSync(join(dist, "webgpu-norm.min.js"), "utf8");
  const texts = { "client.js": outside + client, "service.js": service };
  const scripts = Object.entries({ ...texts, "webgpu-norm.min.js": minified });
  const files = new Map(
    scripts.map(([name, body]) => [`/${name}`, { type: "text/javascript", body }]),
  );
  const find = (at: string) =>
    at === "/" ? html('<script type="module" src="/client.js"></script>') : files.get(at);
  const open: Open = async (url) => openFirefox({ path: path ?? "", env }, url);
  const y = JSON.parse(await reported(open, find, "/"));
  expect(far(y, rows([1, 2, 3, 4, 5, 6, 7, 9], 4))).toBeLessThan(2e-6); // docs/numerics.md
});
