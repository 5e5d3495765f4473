// The site has a page for every operation that the library exports, made of what the source says.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { declarations, partsOf } from "../../site/generate/declarations";
import { dictionary } from "../../site/generate/dictionary";
import { examples } from "../../site/generate/examples";
import { replaceLinks, sectionOf } from "../../site/generate/markdown";
import { operationPage } from "../../site/generate/operation_page";
import { pageOf } from "../../site/generate/pages";
import { nothingFound, PAGES } from "../../site/generate/routes";
import { stepsOf } from "../../site/generate/steps";
import {
  ON_OTHER_PAGES,
  OPERATION_NAMES,
  OPERATIONS,
  type OperationName,
  rowOf,
} from "../../site/operations";
import { pictureOf } from "../../site/picture";
import * as library from "../../src/index";

const root = join(import.meta.dirname, "../..");
const all = declarations();
const isFunction = ([, value]: [string, unknown]) =>
  typeof value === "function" && !/^class/.test(String(value));

test("every exported function is an operation with a page, the backward of one, or has another page", () => {
  const exported = Object.entries(library).filter(isFunction);
  const names = exported.map(([name]) => name);
  const known = [...OPERATION_NAMES, ...Object.keys(ON_OTHER_PAGES)];
  const backwards = OPERATION_NAMES.map((name) => `${name}Backward`);
  expect(names.filter((name) => ![...known, ...backwards].includes(name))).toEqual([]);
  expect(known.filter((name) => !names.includes(name))).toEqual([]);
  for (const [name, page] of Object.entries(ON_OTHER_PAGES)) {
    expect(readFileSync(join(root, page), "utf8"), `${name} on ${page}`).toContain(`${name}(`);
  }
});

test("every operation has a program, and no program is without its operation", () => {
  const programs = readdirSync(join(root, "site/examples")).map((file) =>
    file.replace(/\.js$/, ""),
  );
  expect(programs.sort()).toEqual([...OPERATION_NAMES].sort());
});

test.each(OPERATION_NAMES)("the page of %s has its parts", async (name) => {
  const found = nothingFound();
  const page = await operationPage(name, all, found);
  expect(found.missing).toEqual([]);
  for (const part of ["# ", "```math", "<svg", "## Try it", "## In PyTorch", "## Cost"]) {
    expect(page, part).toContain(part);
  }
  expect(page).toMatch(/Computes|Multiplies|Makes|Merges|Folds|Normalizes/);
  expect(page).toContain("**Source of the code:**");
  expect(page).toMatch(/\*\*Kernels?:\*\* \[kernels\/\w+\.wgsl\]\(\.\.\/source\/shaders\/kernels/);
  expect(page).toMatch(
    /\| call \| passes \| bytes \| bytes \/ bytes of x \|\n.*\n\| `.*` \| \d+: \w+/,
  );
  expect(page.includes("## Gradients")).toBe(`${name}Backward` in library);
  expect(page).not.toMatch(/undefined|NaN MB|Infinity MB/);
  expect(page).not.toMatch(/\]\((?!\.|\/|#|https:)/); // a link as another file has it
  const { options } = all.of(name);
  for (const option of options) expect(page).toContain(`\`${option.name}\``);
  expect([...found.sources]).toContain(all.of(name).file);
});

test("the cost is the planner's", async () => {
  const page = await operationPage("layerNorm", all, nothingFound());
  // x is read and y written once; the backward reads dy and x and writes dx
  expect(page).toContain("for an x of [4096,\u00a0768] in f32");
  expect(page).toMatch(/\| `layerNorm` \| 1: normalize \| 25\.2 MB \| 2\.00 \|/);
  expect(page).toMatch(/\| `layerNormBackward` \| 1: backward \| 37\.7 MB \| 3\.00 \|/);
});

test("a composed operation costs what its steps do, in their order", async () => {
  const [forward] = await stepsOf("globalResponseNorm");
  // the lengths of channels, their mean, and what is read and written again
  expect(forward.steps.map(({ passes }) => passes.map(({ does }) => does))).toEqual([
    ["measure"],
    ["normalize"],
    ["apply"],
  ]);
  const bytes = forward.steps.reduce((sum, step) => sum + step.bytes, 0);
  expect(bytes / (4 * 32 * 64 * 56 * 56)).toBeCloseTo(3, 2);
  const page = await operationPage("globalResponseNorm", all, nothingFound());
  expect(page).toMatch(
    /\| `globalResponseNorm` \| 3: measure, normalize, apply \| 77\.1 MB \| 3\.00 \|/,
  );
});

test("a mask, a gate and a skip cost the bytes that they bring", async () => {
  const costs = async (name: OperationName) =>
    (await stepsOf(name)).map(({ steps }) => steps.reduce((sum, step) => sum + step.bytes, 0));
  const x = 4 * 32 * 128 * 768;
  expect(await costs("maskOf")).toEqual([2 * x, 2 * x + x / 4, 2 * x + 32 * 128]);
  expect(await costs("lengthsOf")).toEqual([2 * x, 2 * x + 4 * 32]);
  expect(await costs("gateOf")).toEqual([2 * x, 3 * x]);
  expect(await costs("skipOf")).toEqual([2 * x, 3 * x]);
});

test("every example is a row of the overview, a page and a card with its picture", () => {
  const folders = readdirSync(join(root, "examples"), { withFileTypes: true })
    .filter(
      (file) => file.isDirectory() && existsSync(join(root, "examples", file.name, "README.md")),
    )
    .map(({ name }) => name);
  const all = examples();
  expect(all.map(({ folder }) => folder).sort()).toEqual(folders.sort());
  for (const { folder, title, picture } of all) {
    expect(existsSync(join(root, picture.path)), picture.path).toBe(true);
    expect(PAGES).toContainEqual({
      name: title,
      file: `examples/${folder}/README.md`,
      route: `examples/${folder}`,
    });
  }
  const found = nothingFound();
  const overview = pageOf("examples/README.md", "examples/index", found);
  expect(
    [...overview.matchAll(/class="card" href="\.\/([\w-]+)\.html"/g)].map(([, to]) => to),
  ).toEqual(all.map(({ folder }) => folder));
  expect(overview).not.toContain("| --- |");
  expect([...found.pictures].sort()).toEqual(all.map(({ picture }) => picture.path).sort());
});

test("the site builds the examples that are pages of this library alone, and their pages link there", () => {
  const live = examples().filter(({ live }) => live.length > 0);
  expect(live.map(({ folder }) => folder)).toContain("style-transfer");
  expect(live.map(({ folder }) => folder)).not.toContain("onnx-edges"); // 27 MB of wasm
  const link = "/examples/live/style-transfer/";
  const page = (name: string) =>
    pageOf(`examples/${name}/README.md`, `examples/${name}`, nothingFound());
  expect(page("style-transfer")).toContain(link);
  expect(page("onnx-edges")).not.toContain("/live/");
});

test("a docstring is parted into what it says and its source", () => {
  expect(partsOf("Computes\na mean.\n\nThrows.\nSource: Ba 2016, as PyTorch `x`.")).toEqual({
    text: "Computes a mean.\n\nThrows.",
    source: "Ba 2016, as PyTorch `x`",
  });
  expect(partsOf("A mean. Source: PyTorch `torch.mean`. Throws always.")).toEqual({
    text: "A mean. Throws always.",
    source: "PyTorch `torch.mean`",
  });
});

test("a norm with a source in its docstring names it on its page", () => {
  const without = OPERATION_NAMES.filter((name) => partsOf(all.of(name).docs).source === "");
  // moments that are given, general forms and masks have no paper
  const general = ["applyMoments", "lengthsOf", "maskOf", "moments", "standardize"];
  expect(without.sort()).toEqual(general);
});

test("the picture of a norm marks its sets", () => {
  const kinds = (name: "layerNorm" | "batchNorm" | "dynamicTanh" | "maskOf") => {
    const svg = pictureOf(OPERATIONS[name].picture);
    const [, share] = /shares with (\d+) of 287/.exec(svg) ?? [];
    return { share: Number(share), masked: svg.includes('class="masked"') };
  };
  expect(kinds("layerNorm")).toEqual({ share: 95, masked: false }); // 6 channels of 16
  expect(kinds("batchNorm")).toEqual({ share: 47, masked: false }); // 3 examples of 16
  expect(kinds("dynamicTanh")).toEqual({ share: 0, masked: false });
  expect(kinds("maskOf")).toEqual({ share: 71, masked: true }); // a quarter is left out
});

test("every norm of ONNX and PyTorch in the dictionary leads to a page", () => {
  const wanted = /norm|moments|softmax|LRN/i;
  const entries = dictionary().filter(({ operator }) => wanted.test(operator));
  expect(entries.length).toBeGreaterThan(40);
  const lost = entries.filter(({ operations }) => operations.length === 0);
  expect(lost.map(({ operator }) => operator)).toEqual(["SpectralNormalization"]);
});

test.each(PAGES)(
  "the links of $file lead to files, and its sections are there",
  ({ file, route }) => {
    const found = nothingFound();
    expect(pageOf(file, route, found).length).toBeGreaterThan(400);
    expect(found.missing).toEqual([]);
  },
);

test("sections end at the next heading of their level, and fences have none", () => {
  const text = "# A\n\n## One\n\n```sh\n# no heading\n```\n\n### Deep\n\nx\n\n## Two\n\ny";
  expect(sectionOf(text, "one")).toBe("```sh\n# no heading\n```\n\n### Deep\n\nx");
  expect(() => sectionOf(text, "three")).toThrow("there is no heading #three");
});

test("links in code stay as they are", () => {
  const text = "[a](b.md) `[a](b.md)`\n\n```js\n[a](b.md)\n```\n";
  expect(replaceLinks(text, () => "c.md")).toBe(text.replace("(b.md)", "(c.md)"));
});

test("titles are unique, so that a search tells operations apart", () => {
  const titles = OPERATION_NAMES.map((name) => rowOf(name).title);
  expect(new Set(titles).size).toBe(titles.length);
});
