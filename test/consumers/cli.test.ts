// `npx webgpu-norm` from the packed packages, as a stranger runs it, without a registry.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import cli from "../../cli/package.json" with { type: "json" };
import { root } from "../../scripts/lib/browser.mjs";
import { install, makeProject, packed } from "../support/packed_package";

let project: string;

beforeAll(async () => {
  project = await makeProject({});
  const build = [join(root, "cli", "build.mjs")];
  expect(spawnSync(process.execPath, build, { stdio: "inherit" }).status).toBe(0);
  const { filename } = packed(join(root, "cli"), project);
  install(project, cli.name, join(project, filename));
  const modules = join(project, "node_modules");
  for (const name of Object.keys(cli.dependencies)) {
    symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
  }
  mkdirSync(join(modules, ".bin"));
  const programs = {
    [cli.name]: `../${cli.name}/dist/main.js`,
    "webgpu-norm": "../webgpu-norm/cli/forward.mjs",
  };
  for (const [name, path] of Object.entries(programs))
    symlinkSync(path, join(modules, ".bin", name));
}, 240_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** npx without what the npm that runs this test has left in the environment. */
function npx(...args: string[]) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const env = { ...Object.fromEntries(inherited), npm_config_offline: "true" };
  return spawnSync("npx", args, { cwd: project, env, encoding: "utf8" });
}

test.skipIf(process.platform === "win32")(
  "npx webgpu-norm runs the command line's package",
  () => {
    for (const before of [[], ["--package=webgpu-norm"]]) {
      const args = ["webgpu-norm", "explain", "layerNorm", "--shape", "4096,768", "-p", "gpu"];
      const { stdout, stderr, status } = npx(...before, ...args);
      expect(stderr).toBe("");
      expect(stdout).toContain("4096 groups of 768");
      expect(status).toBe(0);
    }
    const { stderr, status } = npx("webgpu-norm", "explain", "layer norm", "-s", "2");
    expect(stderr).toContain("layer norm is no operation; is it layerNorm?");
    expect(status).toBe(1);
  },
  120_000,
);
