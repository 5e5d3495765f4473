// A page gets the shaders without comments and with short names, and they still compute the same.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lean, namesOf, shaderNames } from "../../scripts/lib/minify_wgsl";
import { KEPT_NAMES } from "../../scripts/lib/shader_files";
import { subgroupFragments } from "../../src/plan/fragments";
import { compileErrors } from "../../src/runtime/compile_errors";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import { sourceOf } from "../../src/wgsl/link";
import { nullDevice } from "../support/null_device";
import { share } from "../support/share";
import { VARIANTS } from "../support/variants";

test("a published shader has no comments and no indentation", () => {
  expect(lean("a // b /* c\n  x*/*c // d\n /* e */ f*/y\n")).toBe("a x*y");
});

test("a published shader has no spaces that it can do without, and those that it cannot", () => {
  expect(lean("let a = b * (c - 1.0), d: array<f32> = f(x <= y, -z);")).toBe(
    "let a=b*(c-1.),d:array<f32> =f(x<=y,-z);",
  );
  expect(lean("@group(0) @binding(0) var<storage, read> a: f32;")).toBe(
    "@group(0)@binding(0)var<storage,read>a:f32;",
  );
  expect(lean("a - -b")).toBe("a- -b");
});

test("only what a file declares is renamed, and nothing that others know", () => {
  const source =
    "override TEAM = 1u; @group(0) @binding(1) var<storage, read> records: array<f32>;\n" +
    "struct Pair { first: u32, second: u32 } fn longer(value: f32) -> f32 { let inner = max(value, 1.0); return inner; }\n" +
    "fn load_tensor(at: u32) -> u32 { return at; } fn main() { var<workgroup> }";
  const names = namesOf([source], new Set(["first"]));
  expect([...names.declared.keys()].sort()).toEqual(["Pair", "longer"]);
  expect([...names.fields.keys()]).toEqual(["second"]);
  const { declared } = names;
  expect(lean(source, names)).toContain(
    `fn ${declared.get("longer")}(a:f32)->f32{let b=max(a,1.);return b;}`,
  );
});

test("published shaders compile as the source does", async () => {
  const device = await nullDevice(["shader-f16", "subgroups"]);
  const names = shaderNames("shaders", KEPT_NAMES);
  const wrong: string[] = [];
  const judged = {
    name: "subgroups",
    text: readFileSync("shaders/kernels/subgroup_check.wgsl", "utf8"),
  };
  for (const modules of [
    ...share(VARIANTS, 3, 0), // each file is in many
    ...subgroupFragments(SHUFFLES).map((of) => [...of, judged]),
  ]) {
    const source = sourceOf(modules);
    if (source.includes("enable f16;") && !device.features.has("shader-f16")) continue;
    if (source.includes("enable subgroups;") && !device.features.has("subgroups")) continue;
    const code = lean(source, names);
    device.pushErrorScope("validation");
    device.createShaderModule({ code });
    const error = await device.popErrorScope();
    if (error) wrong.push(`${modules.map(({ name }) => name).join(", ")}: ${error.message}`);
    expect(code.length).toBeLessThan(0.95 * lean(source).length);
  }
  expect(wrong.slice(0, 3), `${wrong.length} of ${VARIANTS.length}`).toEqual([]);
  device.destroy();
}, 180_000); // of some 760 combinations: seconds beside other tests

test("a compile error names the file and quotes the code, in one line too", async () => {
  const long = `${"fn a(){}".repeat(40)}fn wrong(){oops}${"fn b(){}".repeat(40)}`;
  const files = [
    { name: "walk", text: "one\ntwo" },
    { name: "io/load/single as x", text: long },
  ];
  const message = {
    type: "error",
    lineNum: 3,
    linePos: long.indexOf("oops") + 1,
    message: "what?",
  };
  const module = { getCompilationInfo: async () => ({ messages: [message] }) };
  const told = await compileErrors({ module, files } as never);
  expect(told).toMatch(
    /^shaders\/io\/load\/single\.wgsl:1: what\?, near ".*fn wrong\(\)\{oops\}.*"$/,
  );
  expect(told.length).toBeLessThan(150);
});
