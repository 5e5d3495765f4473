// The recipes of docs/interop.md for places other than a page's script, as they stand there, with the
// packed package.

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import published from "../../package.json" with { type: "json" };
import { launchBrowser, root } from "../../scripts/lib/browser.mjs";
import { DENO_FLAGS, findDeno } from "../../scripts/lib/deno.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import { far, rows } from "../adapters/float64";
import { codeOf, functionOf } from "../support/doc_code";
import { makeProject, writeFiles } from "../support/packed_package";
import { filesOf, type Open, openChromium, reported } from "../support/reported";
import { BUNDLERS } from "./bundlers";

const PAGE = "docs/interop.md";
const VALUES = [1, 2, 3, 4, 5, 6, 7, 9];
const RIGHT = rows(VALUES, 4);
const ALLOWED = 2e-6; // docs/numerics.md

/** What a recipe has from outside. */
const OUTSIDE = `
  const show = (y) => fetch("/report", { method: "POST", body: JSON.stringify([...y]) });
  const values = Float32Array.of(${VALUES});`;

let project: string;

beforeAll(async () => {
  project = await makeProject({});
  const dependencies = { "webgpu-norm": "*" };
  const own = { private: true, type: "module", dependencies };
  writeFiles(project, { "package.json": JSON.stringify(own) });
}, 180_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The files that a section names, in a folder of their own. */
function filesUnder(heading: string): Record<string, string> {
  const blocks = codeOf(PAGE, heading).filter(({ file }) => file);
  expect(blocks.length, heading).toBeGreaterThan(0);
  return Object.fromEntries(blocks.map(({ file, code }) => [file, code]));
}

const page = (script: string) =>
  `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="${script}"></script>\n`;

test("a web worker, through Vite", async () => {
  const { "worker.js": worker, "page.js": code } = filesUnder("A web worker");
  const html = join(project, "worker_page.html");
  writeFiles(project, {
    "worker.js": worker,
    "page.js": `${OUTSIDE}\n${code}`,
    "worker_page.html": page("./page.js"),
  });
  const out = join(project, "out", "worker");
  await BUNDLERS.Vite({ project, entry: "", html, out });
  const y = JSON.parse(await reported(openChromium, filesOf(out), "/worker_page.html"));
  expect(far(y, RIGHT)).toBeLessThan(ALLOWED);
}, 180_000);

describe("a page without a bundler", () => {
  const CDN = "https://cdn.jsdelivr.net/npm/webgpu-norm@0.1/";

  /** The files of the package in the place of the CDN's. */
  const throughCdn: Open = async (url, fail) => {
    const browser = await launchBrowser();
    const page = await browser.newPage();
    page.on("pageerror", fail);
    await page.route(`${CDN}**`, (route) => {
      const path = route.request().url().slice(CDN.length);
      const body = readFileSync(join(project, "node_modules", "webgpu-norm", path));
      const headers = { "access-control-allow-origin": "*" };
      return route.fulfill({ body, contentType: "text/javascript", headers });
    });
    await page.goto(url);
    return browser;
  };

  test("the address is that of this version", () => {
    expect(published.version).toMatch(/^0\.1\./);
    const readme = readFileSync(join(root, "README.md"), "utf8");
    for (const { code } of codeOf(PAGE, "A page without a bundler")) expect(code).toContain(CDN);
    expect(readme).toContain(`${CDN}dist/webgpu-norm.min.js`);
  });

  test.each(["one_file.html", "import_map.html"])(
    "%s",
    async (name) => {
      const code = filesUnder("A page without a bundler")[name];
      const body = `<!doctype html><title>page</title><script>${OUTSIDE}</script>\n${code}`;
      const files = (path: string) => (path === "/" ? { type: "text/html", body } : undefined);
      const y = JSON.parse(await reported(throughCdn, files, "/"));
      expect(far(y, RIGHT)).toBeLessThan(ALLOWED);
    },
    60_000,
  );
});

/** The numbers of a typed array that was printed. */
const numbersIn = (text: string) =>
  [...text.slice(text.indexOf("[")).matchAll(/-?\d+\.\d+(?:e-?\d+)?/g)].map(Number);

test("Node, with Dawn", async () => {
  const dawn = join(root, "node_modules", "webgpu");
  symlinkSync(dawn, join(project, "node_modules", "webgpu"), "junction");
  writeFiles(project, filesUnder("Node"));
  const options = { cwd: project, env: await vulkan(), encoding: "utf8" } as const;
  const text = execFileSync(process.execPath, ["node.js"], options);
  expect(far(numbersIn(text), RIGHT)).toBeLessThan(ALLOWED);
}, 60_000);

test("Deno", ({ skip }) => {
  const deno = findDeno();
  if (!deno) return skip("no Deno with a WebGPU adapter here, and none that npm could get");
  writeFiles(project, filesUnder("Deno"));
  const options = { cwd: project, env: deno.env, encoding: "utf8" } as const;
  const text = execFileSync(deno.path, [...DENO_FLAGS, "deno.js"], options);
  expect(far(numbersIn(text), RIGHT)).toBeLessThan(ALLOWED);
}, 240_000);

describe("WebNN", () => {
  const library = "/node_modules/webgpu-norm/dist/index.js";

  /** A page that runs the recipe on tensors of `ml`. */
  const pageWith = (ml: string) => {
    const code = codeOf(PAGE, "WebNN").map((block) => block.code);
    const names = "ml, ctx, tensor, result";
    writeFiles(project, {
      "webnn.html": page("./webnn.js"),
      "recipe.js": functionOf(code.join("\n"), names, { "webgpu-norm": library }),
      "webnn.js": `import { createContext } from "${library}";
        import recipe from "./recipe.js";
        ${OUTSIDE}
        const ml = ${ml};
        const about = { dataType: "float32", shape: [2, 4], readable: true, writable: true };
        const [tensor, result] = [await ml.createTensor(about), await ml.createTensor(about)];
        ml.writeTensor(tensor, values);
        await recipe({ ml, ctx: await createContext(), tensor, result });
        show(new Float32Array(await ml.readTensor(result)));`,
    });
    return filesOf(project);
  };

  test("the recipe, on arrays that behave as the standard's", async () => {
    const ml = `{
      createTensor: async ({ shape }) => ({ shape, data: new Float32Array(8) }),
      readTensor: async ({ data }) => data.slice().buffer,
      writeTensor: (tensor, data) => tensor.data.set(data),
    }`;
    const y = await reported(openChromium, pageWith(ml), "/webnn.html");
    expect(far(JSON.parse(y), RIGHT)).toBeLessThan(ALLOWED);
  }, 60_000);

  test("the recipe, in a browser that has WebNN", async ({ skip }) => {
    const browser = await launchBrowser(["--enable-features=WebMachineLearningNeuralNetwork"]);
    const open: Open = async (url, fail) => {
      const tab = await browser.newPage();
      tab.on("pageerror", fail);
      await tab.goto(url);
      return browser;
    };
    const files = pageWith("await navigator.ml.createContext()");
    const told = await reported(open, files, "/webnn.html").catch((error: Error) => error);
    await browser.close();
    if (!(told instanceof Error)) expect(far(JSON.parse(told), RIGHT)).toBeLessThan(ALLOWED);
    else if (/createContext|undefined/.test(told.message)) {
      console.log(`skipped: no WebNN in this browser: ${told.message}`);
      skip(told.message);
    } else throw told;
  }, 60_000);
});
