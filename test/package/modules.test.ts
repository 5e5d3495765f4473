// The package has a module for each file of src/ and shaders/, so that a user's stack trace names
// it.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import published from "../../package.json" with { type: "json" };
import { root } from "../../scripts/lib/browser.mjs";
import { copyPackage } from "../support/built_package";

const ENTRIES = Object.values(published.exports).flatMap((entry) =>
  typeof entry === "string" || entry.default.endsWith(".min.js")
    ? []
    : [join(entry.default.replace("./dist/", ""))],
);

const dist = mkdtempSync(join(tmpdir(), "webgpu-norm-modules-"));
beforeAll(() => copyPackage(dist, "modules"), 60_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));

/** The modules that a module loads at once, itself included. */
function loadedAtOnce(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = readFileSync(join(dist, file), "utf8");
  for (const [, path] of code.matchAll(/^(?:import|export) .*from "(.*)";$/gm)) {
    loadedAtOnce(join(dirname(file), path), seen);
  }
  return seen;
}

test("modules mirror src and shaders, and what is loaded on demand stays so", () => {
  const all = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" });
  const modules = all(dist).filter((name) => name.endsWith(".js") && !name.endsWith(".min.js"));
  const shaders = all(join(root, "shaders")).map((name) => join("shaders", `${name}.js`));
  const sources = all(join(root, "src")).map((name) => name.replace(/\.ts$/, ".js"));
  expect(modules.filter((name) => ![...sources, ...shaders].includes(name))).toEqual([]);
  const atOnce = new Set(ENTRIES.flatMap((entry) => [...loadedAtOnce(entry)]));
  const onDemand = [
    "context/profile_check",
    "operation/tune",
    "runtime/compile_errors",
    "runtime/subgroup_check",
  ];
  const rest = modules.filter((name) => !atOnce.has(name) && !name.startsWith("shaders"));
  expect(rest.sort()).toEqual(onDemand.map((name) => `${join(name)}.js`));
});

test.each(["moments", "channel"])("%s has no code of GPUs", (folder) => {
  const loaded = [...loadedAtOnce(join(folder, "index.js"))];
  expect(loaded.filter((file) => !/^(base|moments|channel)/.test(file))).toEqual([]);
});

test("entries share their classes", async () => {
  const imported = (entry: string) => import(/* @vite-ignore */ join(dist, entry));
  const [library, nn, stream, moments, channel] = await Promise.all(ENTRIES.map(imported));
  expect(() => new nn.LayerNorm(null, 1)).toThrow(library.NormError);
  expect(() => new stream.MomentsAccumulator(null, {})).toThrow(library.NormError);
  expect(() => new moments.MomentsState({})).toThrow(library.NormError);
  expect(() => channel.channelGroup({})).toThrow(library.NormError);
}, 60_000);
