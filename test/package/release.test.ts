// A release without its address is refused, since npm's provenance needs that.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import cli from "../../cli/package.json" with { type: "json" };
import library from "../../package.json" with { type: "json" };
import { root } from "../../scripts/lib/browser.mjs";
import { releaseFaults } from "../../scripts/lib/release.mjs";

const ADDRESS = {
  repository: { url: "git+https://github.com/someone/webgpu-norm.git" },
  homepage: "https://someone.github.io/webgpu-norm/",
  bugs: { url: "https://github.com/someone/webgpu-norm/issues" },
};
const complete = {
  library: { ...library, ...ADDRESS },
  cli: { ...cli, ...ADDRESS, repository: { ...ADDRESS.repository, directory: "cli" } },
  changelog: `# Changelog\n\n## ${library.version} (2027-01-02)\n`,
  tag: `v${library.version}`,
  repository: "someone/webgpu-norm",
};

test("a complete release has no faults", () => {
  expect(releaseFaults(complete)).toEqual([]);
  expect(releaseFaults({ ...complete, tag: undefined, repository: undefined })).toEqual([]);
});

test.each([
  [{ library }, ["repository.url undefined", "homepage undefined", "bugs.url undefined"]],
  [{ cli: { ...complete.cli, repository: ADDRESS.repository } }, ["repository.directory, exp"]],
  [{ cli: { ...complete.cli, version: "9.9.9" } }, ["webgpu-norm-cli: version 9.9.9, expected"]],
  [{ tag: "v9.9.9" }, ["tag v9.9.9, expected v"]],
  [{ changelog: `## ${library.version} (unreleased)\n` }, ["(unreleased), expected ## "]],
  [{ changelog: "" }, ["CHANGELOG.md: no heading, expected ## "]],
  [{ repository: "fork/webgpu-norm" }, ["expected that of fork/", "expected that of fork/"]],
])("%j is refused", (change, words) => {
  const faults = releaseFaults({ ...complete, ...change });
  expect(faults).toHaveLength(words.length);
  for (const [i, word] of words.entries()) expect(faults[i]).toContain(word);
});

test("npm run release:check fails with each fault in a line, and publishing begins with it", () => {
  const env = { ...process.env, GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "v9.9.9" };
  const script = join(root, "scripts", "release.mjs");
  const { status, stderr } = spawnSync(process.execPath, [script], { env, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^release: .*\n/);
  expect(stderr).toContain("release: tag v9.9.9, expected v");
  expect(library.scripts.prepublishOnly).toMatch(/^npm run release:check && /);
  const workflow = readFileSync(join(root, ".github", "workflows", "release.yml"), "utf8");
  const steps = [...workflow.matchAll(/run: (.*)/g)].map(([, command]) => command);
  expect(steps[0]).toBe("node scripts/release.mjs");
});

test("both packages take the same versions of what the command line depends on", () => {
  const own: Readonly<Record<string, string>> = library.devDependencies;
  for (const [name, version] of Object.entries(cli.dependencies)) {
    expect(own[name], name).toBe(version);
  }
});
