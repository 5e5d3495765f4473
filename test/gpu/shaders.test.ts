// Every combination of shader files compiles without a word, and declares what the table says.

import { expect } from "vitest";
import { MODULES, type ModuleName, sourceOf } from "../../src/modules";
import { fileAt } from "../../src/pipelines";
import { expectGpuError, test } from "../fixture";
import { VARIANTS } from "../variants";

test("every combination of files compiles without a message", async ({ device }) => {
  const modules = VARIANTS.map((files) => device.createShaderModule({ code: sourceOf(files) }));
  const infos = await Promise.all(modules.map((module) => module.getCompilationInfo()));
  const complaints = infos.flatMap(({ messages }, i) =>
    messages.map((m) => `${VARIANTS[i].join(" ")}: ${fileAt(VARIANTS[i], m.lineNum)} ${m.message}`),
  );
  expect(complaints).toEqual([]);
  expect(VARIANTS.length).toBeGreaterThan(100);
});

test("the table of bindings is what the files declare", () => {
  for (const [name, { text, bindings }] of Object.entries(MODULES)) {
    const declared = [...text.matchAll(/@binding\((\d+)\) var<([^>]+)>/g)].map(([, at, kind]) => ({
      binding: Number(at),
      type: { uniform: "uniform", "storage, read": "read-only-storage" }[kind] ?? "storage",
    }));
    const listed = bindings.map(({ binding, type }) => ({ binding, type }));
    expect(listed, `${name}.wgsl`).toEqual(declared);
  }
});

test("no combination has more than 8 storage buffers or two at one binding", () => {
  for (const files of VARIANTS) {
    const bindings = files.flatMap((name: ModuleName) => MODULES[name].bindings);
    expect(bindings.filter((b) => b.type !== "uniform").length).toBeLessThanOrEqual(8);
    expect(new Set(bindings.map((b) => b.binding)).size).toBe(bindings.length);
  }
});

test("a compile error is told with file and line", async ({ device }) => {
  const files: ModuleName[] = ["params", "walk", "moments"]; // walk needs nothing, moments a stat/*
  const code = sourceOf(files);
  const module = await new Promise<GPUShaderModule>((resolve) => {
    expectGpuError(device, "validation", /unresolved type 'Stat'/, () => {
      resolve(device.createShaderModule({ code }));
    });
  });
  const { messages } = await module.getCompilationInfo();
  expect(fileAt(files, messages[0].lineNum)).toMatch(/^shaders\/moments\.wgsl:\d+$/);
});
