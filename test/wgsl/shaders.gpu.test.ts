// Every combination of shader files compiles without a warning, and binds no more arrays than a
// device can.

import { expect } from "vitest";
import { fileAt } from "../../src/runtime/compile_errors";
import * as files from "../../src/wgsl/files";
import { bindingsOf, type Fragment, fragmentNames, sourceOf } from "../../src/wgsl/link";
import { expectGpuError, test } from "../support/fixture";
import { share } from "../support/share";
import { VARIANTS } from "../support/variants";

const needs = (feature: "f16" | "subgroups", modules: readonly Fragment[]) =>
  sourceOf(modules).includes(`enable ${feature};`);

const WITHOUT_SUBGROUPS = VARIANTS.filter((modules) => !needs("subgroups", modules));

/** What compilers say about combinations, a line a message. pipelines.test.ts has all for Dawn. */
async function complaints(device: GPUDevice, all: readonly (readonly Fragment[])[]) {
  const variants = share(all, 4, 0);
  const modules = variants.map((one) => device.createShaderModule({ code: sourceOf(one) }));
  const infos = await Promise.all(modules.map((module) => module.getCompilationInfo()));
  return infos.flatMap(({ messages }, i) =>
    messages.map(
      (m) => `${fragmentNames(variants[i])}: ${fileAt(variants[i], m.lineNum)} ${m.message}`,
    ),
  );
}

test("every combination of files compiles without a message", async ({ device }) => {
  const variants = WITHOUT_SUBGROUPS.filter((modules) => !needs("f16", modules));
  expect(await complaints(device, variants)).toEqual([]);
  expect(variants.length).toBeGreaterThan(100);
});

test("so does every one with the device's own f16", async ({ device, skip }) => {
  const variants = WITHOUT_SUBGROUPS.filter((modules) => needs("f16", modules));
  expect(variants.length).toBeGreaterThan(50);
  skip(!device.features.has("shader-f16"), "the device has no shader-f16");
  expect(await complaints(device, variants)).toEqual([]);
});

test("so does every one with subgroups", async ({ device, skip }) => {
  const f16 = device.features.has("shader-f16");
  const all = VARIANTS.filter((modules) => needs("subgroups", modules));
  const variants = all.filter((modules) => f16 || !needs("f16", modules));
  expect(all.length).toBeGreaterThan(50);
  skip(!device.features.has("subgroups"), "the device has no subgroups");
  expect(await complaints(device, variants)).toEqual([]);
});

test("every file is part of a combination", () => {
  const joined = new Set(VARIANTS.flat().map(({ name }) => name.split(" ")[0]));
  const alone = Object.values(files).filter(({ name }) => !joined.has(name));
  expect(alone.map(({ name }) => name)).toEqual([]);
});

test("no combination has more than 8 storage buffers, or two at one binding", () => {
  for (const modules of VARIANTS) {
    const bindings = bindingsOf(modules);
    const storage = bindings.filter(({ type }) => type !== "uniform");
    expect(storage.length, fragmentNames(modules)).toBeLessThanOrEqual(8);
    const places = bindings.map(({ binding }) => binding);
    expect(new Set(places).size, fragmentNames(modules)).toBe(places.length);
  }
});

test("no combination writes a tensor that another of its arrays is", () => {
  for (const modules of VARIANTS) {
    const bindings = bindingsOf(modules);
    const written = bindings
      .filter(({ type }) => type === "storage")
      .map(({ tensorName }) => tensorName);
    const twice = written.filter(
      (name) => bindings.filter(({ tensorName }) => tensorName === name).length > 1,
    );
    expect(twice, fragmentNames(modules)).toEqual([]);
  }
});

test("a compile error is told with file and line", async ({ device }) => {
  const nest = [files.cursor, files.locate, files.outerOne];
  const modules = [files.reduceState, files.uniforms, files.operands, ...nest]; // without a vector/*
  const code = sourceOf(modules);
  let module: GPUShaderModule | undefined;
  // Tint's words, and those that wgpu puts before naga's
  await expectGpuError(
    device,
    "validation",
    /unresolved type '(PerGroup|Vec)'|arsing error/,
    () => {
      module = device.createShaderModule({ code });
    },
  );
  const { messages = [] } = (await module?.getCompilationInfo()) ?? {};
  expect(fileAt(modules, messages[0].lineNum)).toMatch(/^shaders\/reduce\/state\.wgsl:\d+$/);
});
