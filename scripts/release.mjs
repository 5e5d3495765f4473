// `npm run release:check` refuses a release that lacks what npm's provenance and its page need. The
// workflow and `npm publish` run it first; CONTRIBUTING.md says what to set.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/browser.mjs";
import { releaseFaults } from "./lib/release.mjs";

const text = (/** @type {string[]} */ ...path) => readFileSync(join(root, ...path), "utf8");
const { GITHUB_REF_TYPE, GITHUB_REF_NAME, GITHUB_REPOSITORY } = process.env;

const faults = releaseFaults({
  library: JSON.parse(text("package.json")),
  cli: JSON.parse(text("cli", "package.json")),
  changelog: text("CHANGELOG.md"),
  tag: GITHUB_REF_TYPE === "tag" ? GITHUB_REF_NAME : undefined,
  repository: GITHUB_REPOSITORY,
});
for (const fault of faults) console.error(`release: ${fault}`);
process.exitCode = faults.length ? 1 : 0;
