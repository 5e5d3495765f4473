// The packed package under versions of Node: its entries without a GPU, and a norm by Dawn.

import { execFileSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import { far, rows } from "../adapters/float64";
import { makeProject } from "../support/packed_package";

/** What needs no GPU: every entry, moments that merge, errors, the self-contained file. */
const PURE = `
import { createRequire } from "node:module";
import { createContext, NormError } from "webgpu-norm";
import { MomentsState } from "webgpu-norm/moments";
import { channelGroup } from "webgpu-norm/channel";
const before = Object.keys(globalThis);
const entries = ["", "/nn", "/stream", "/moments", "/channel", "/ort", "/tfjs", "/min"];
const counts = [];
for (const entry of entries) counts.push(Object.keys(await import("webgpu-norm" + entry)).length);
const state = new MomentsState({ shape: [] });
state.add({ count: 2, pivot: [1e6], delta: [0.5], variance: [0.25], range: [0, 2] });
const again = MomentsState.fromBytes(state.toBytes());
const error = await createContext().then(() => null, (e) => [e instanceof NormError, e.message]);
const required = Object.keys(createRequire(import.meta.url)("webgpu-norm")).length;
const globals = Object.keys(globalThis).filter((name) => !before.includes(name));
console.log(JSON.stringify({
  node: process.version, counts, required, globals, error,
  mean: again.moments().mean[0], group: typeof channelGroup,
}));
`;

const DAWN = `
import { create, globals } from "webgpu";
import { createContext, layerNorm } from "webgpu-norm";
Object.assign(globalThis, globals);
const gpu = create([]);
const adapter = await gpu.requestAdapter();
if (adapter === null) console.log("null");
else {
  const ctx = await createContext({ adapter });
  const x = ctx.tensor(Float32Array.from({ length: 192 }, (_, i) => 1000 + Math.sin(i)), [2, 96]);
  console.log(JSON.stringify([...await layerNorm(x, { normalizedShape: [96] }).read()]));
}
process.exit();
`;

let project: string;

beforeAll(async () => {
  project = await makeProject({ "pure.mjs": PURE, "dawn.mjs": DAWN });
  const dawn = join(root, "node_modules", "webgpu");
  symlinkSync(dawn, join(project, "node_modules", "webgpu"), "junction");
}, 180_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

const nodeOf = (version: string) =>
  fileURLToPath(new URL(`node_modules/node-${version}/bin/node`, import.meta.url));

async function output(version: string, file: string): Promise<string> {
  const env = { ...(await vulkan()), NODE_NO_WARNINGS: "1" };
  const options = { cwd: project, env, encoding: "utf8" } as const;
  const out = execFileSync(nodeOf(version), [join(project, file)], options);
  return out.trim().split("\n").at(-1) ?? ""; // Dawn may write before
}

describe.each(["20", "22", "24"])("Node %s", (version) => {
  const missing = existsSync(nodeOf(version))
    ? ""
    : ", of which npm has no package for this system";
  const some = test.skipIf(Boolean(missing));

  some(`imports every entry without a GPU${missing}`, async () => {
    const found = JSON.parse(await output(version, "pure.mjs"));
    expect(found.node).toMatch(new RegExp(`^v${version}\\.`));
    expect(found.counts.every((count: number) => count > 0)).toBe(true);
    expect(found).toMatchObject({ globals: [], mean: 1e6 + 0.5, group: "function" });
    expect(found.required).toBe(found.counts[0]);
    expect(found.error).toEqual([true, expect.stringMatching(/^createContext: /)]);
  });

  some(`computes a norm by Dawn${missing}`, async ({ skip }) => {
    const y = JSON.parse(await output(version, "dawn.mjs"));
    if (y === null) return skip("no WebGPU adapter in Node here");
    const x = Float32Array.from({ length: 192 }, (_, i) => 1000 + Math.sin(i));
    expect(far(y, rows(x, 96))).toBeLessThan(2e-6); // docs/numerics.md
  });
});
