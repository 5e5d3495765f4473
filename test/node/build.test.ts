import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lean } from "../../vite.config";

test("a published shader has no comments and no indentation", () => {
  expect(lean("a // b /* c\n  x*/*c // d\n /* e */ f*/y\n")).toBe("a\nx*\ny");
});

test("a published shader has its file's line numbers", () => {
  const files = readdirSync("shaders", { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".wgsl"))) {
    const lines = readFileSync(join("shaders", file), "utf8").trimEnd().split("\n");
    const published = lean(lines.join("\n")).split("\n");
    const code = published.findLastIndex((line) => line !== "");
    expect(lines[code], file).toContain(published[code]);
  }
});
