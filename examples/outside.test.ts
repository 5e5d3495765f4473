// An example works outside the repository: its program reaches for nothing above its folder, and it asks
// for the published package of this version.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/lib/browser.mjs";

const examples = join(root, "examples");
const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
const { version } = json("package.json");
const PROGRAM = /\.(js|mjs|ts|html|css)$/;
const OWN = ["node_modules", "test"];

/** The files of a folder that its program consists of. */
function programOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return OWN.includes(entry.name) ? [] : programOf(path);
    return PROGRAM.test(entry.name) ? [path] : [];
  });
}

describe.each<string>(json("examples/package.json").workspaces)("%s", (name) => {
  const folder = join(examples, name);

  test("no path leaves its folder", () => {
    const files = programOf(folder);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const paths = readFileSync(file, "utf8").match(/(?<=["'`])\.\.?\/[^"'`$]*/g) ?? [];
      const outside = paths.filter((path) => {
        return relative(folder, resolve(dirname(file), path)).startsWith("..");
      });
      expect(outside, relative(folder, file)).toEqual([]);
    }
  });

  test("its packages are published ones, of this version", () => {
    const { dependencies } = json(`examples/${name}/package.json`);
    expect(dependencies["webgpu-norm"]).toBe(`^${version}`);
    expect(dependencies["webgpu-norm-cli"] ?? `^${version}`).toBe(`^${version}`);
    expect(
      Object.values<string>(dependencies).filter((range) => /^(file|link):/.test(range)),
    ).toEqual([]);
  });
});
