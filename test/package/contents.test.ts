// What npm packs is what package.json names, and no more.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import published from "../../package.json" with { type: "json" };
import { install, type Packed, packInto } from "../support/packed_package";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-contents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let packed: Packed;
let paths: string[];

beforeAll(async () => {
  packed = await packInto(folder);
  install(folder, "webgpu-norm", join(folder, packed.filename));
  paths = packed.files.map(({ path }) => path);
}, 180_000);

const read = (path: string) =>
  readFileSync(join(folder, "node_modules", "webgpu-norm", path), "utf8");

test("modules, declarations, one minified file with its map, and what npm's page shows", () => {
  const kinds = [
    /^dist\/[\w/]+\.js$/,
    /^dist\/(\w+\/)?index\.d\.ts$/,
    /^dist\/shaders\/[\w/]+\.wgsl\.js$/,
    /^dist\/webgpu-norm\.min\.js(\.map)?$/,
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|cli\/forward\.mjs)$/,
  ];
  expect(paths.filter((path) => !kinds.some((kind) => kind.test(path)))).toEqual([]);
  console.log(`packed: ${(packed.size / 1000).toFixed(0)} KB, ${paths.length} files`);
});

test("each address in package.json is a file of the package", () => {
  const { exports, main, types, unpkg, jsdelivr, bin } = published;
  const named = [main, types, unpkg, jsdelivr, ...Object.values(bin)];
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? entry : Object.values(entry),
  );
  for (const path of [...named, ...entries]) expect(paths).toContain(path.replace("./", ""));
});

test("nothing is run at installation, and nothing is installed with it", () => {
  const own = JSON.parse(read("package.json"));
  expect(own.dependencies ?? own.peerDependencies ?? own.optionalDependencies).toBeUndefined();
  for (const name of ["preinstall", "install", "postinstall", "prepare"]) {
    expect(own.scripts[name]).toBeUndefined();
  }
});

test("the map of the minified file has the sources, by their names in the repository", () => {
  const code = read("dist/webgpu-norm.min.js");
  expect(code.trimEnd()).toMatch(/\n\/\/# sourceMappingURL=webgpu-norm\.min\.js\.map$/);
  const { sources, sourcesContent } = JSON.parse(read("dist/webgpu-norm.min.js.map"));
  expect(sources.filter((name: string) => !/^\.\.\/(src|shaders)\/[\w/.]+$/.test(name))).toEqual(
    [],
  );
  expect(sources).toContain("../src/norms/layer_norm.ts");
  expect(sourcesContent[sources.indexOf("../src/norms/layer_norm.ts")]).toContain("layerNormState");
});

test("modules have no map that they do not bring", () => {
  const modules = paths.filter((path) => path.endsWith(".js") && !path.includes(".min."));
  expect(modules.filter((path) => read(path).includes("sourceMappingURL"))).toEqual([]);
});
