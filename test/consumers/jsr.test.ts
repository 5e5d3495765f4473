// JSR would take the package: its declarations say all types. Nothing is published.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findDeno } from "../../scripts/lib/deno.mjs";
import { stageForJsr } from "../../scripts/lib/jsr.mjs";
import { copyPackage } from "../support/built_package";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-jsr-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("deno publish --dry-run", async ({ skip }) => {
  const deno = findDeno();
  if (!deno) return skip("no Deno here, and none that npm could get");
  const [dist, out] = [join(folder, "built"), join(folder, "jsr")];
  await copyPackage(dist, "declarations");
  stageForJsr(dist, out, "@webgpu-norm/webgpu-norm");
  const args = ["publish", "--dry-run", "--allow-dirty"];
  const options = { cwd: out, env: deno.env, encoding: "utf8" } as const;
  const { status, stderr } = spawnSync(deno.path, args, options);
  expect(stderr).toContain("Dry run complete");
  expect(status).toBe(0);
}, 240_000);
