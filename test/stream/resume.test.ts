// A process that computes moments is killed in the middle, again and again. The next one goes on,
// and the result has the bits of a process that nothing stopped.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";
import { bundle } from "../../scripts/lib/bundle.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import { MomentsState } from "../../src/moments/index";

const BLOCKS = 24;
const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-resume-"));
const program = join(root, ".cache", "resume_main.mjs"); // within the package, so that `webgpu` is found
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  await bundle(join(root, "test", "runners", "resume_main.ts"), program);
  env = await vulkan();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program, and kills it at work on the block after so many; returns all that it said. */
async function run(file: string, lines = Infinity): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [program, file, String(BLOCKS)], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    said.push(line);
    child.stdin?.write("\n");
    if (said.length === lines) child.kill("SIGKILL");
  }
  const [code, signal] = await closed;
  expect([code, signal]).toEqual(said.at(-1)?.startsWith("block") ? [null, "SIGKILL"] : [0, null]);
  return said;
}

test("kill -9 in the middle loses at most a block and counts none twice", async ({ skip }) => {
  const whole = join(folder, "whole");
  const told = await run(whole);
  skip(told[0] === "no adapter", "no WebGPU adapter in Node here");
  expect(told).toEqual([...Array.from({ length: BLOCKS }, (_, i) => `block ${i}`), "done"]);

  const parts = join(folder, "parts");
  const said: string[] = [];
  for (const lines of [1, 3, 7, 2]) {
    said.push(...(await run(parts, lines)));
    expect(said).not.toContain("done"); // it was in the middle
    const { ranges } = MomentsState.fromBytes(readFileSync(parts));
    expect(ranges).toHaveLength(1);
    expect(Number(ranges[0][1])).toBeGreaterThanOrEqual(said.length);
  }
  said.push(...(await run(parts)));
  expect(said.at(-1)).toBe("done");
  expect(new Set(said).size).toBe(said.length); // no block came twice
  expect(readFileSync(parts).equals(readFileSync(whole))).toBe(true);
  expect(MomentsState.fromBytes(readFileSync(parts)).ranges).toEqual([[0n, BigInt(BLOCKS)]]);
}, 180_000);
