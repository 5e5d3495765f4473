// A service worker has no import(), so that nothing can be loaded on demand there. A package whose
// files for that are missing stands for it: norms work, and what does not work says so.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { create, globals } from "webgpu";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import type * as source from "../../src/index";
import { copyPackage } from "../support/built_package";

const ON_DEMAND = ["operation/tune", "runtime/compile_errors", "runtime/subgroup_check"];

const dist = mkdtempSync(join(tmpdir(), "webgpu-norm-on-demand-"));
Object.assign(process.env, await vulkan());
const gpu = create([]); // Dawn's devices do not outlive it
Object.assign(globalThis, globals);

beforeAll(async () => {
  await copyPackage(dist, "modules");
  for (const name of ON_DEMAND) rmSync(join(dist, `${name}.js`));
}, 60_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));

test("without files that are loaded on demand norms work, and tuning says why it does not", async ({
  skip,
}) => {
  const adapter = await gpu.requestAdapter();
  if (!adapter) return skip("no WebGPU adapter in Node here");
  const library: typeof source = await import(/* @vite-ignore */ join(dist, "index.js"));
  const { createContext, exportTuning, importTuning, layerNorm, NormError, tune } = library;
  const requiredFeatures: GPUFeatureName[] = adapter.features.has("subgroups") ? ["subgroups"] : [];
  const device = await adapter.requestDevice({ requiredFeatures });
  const ctx = await createContext({ device, profile: { subgroups: true } });
  expect(ctx.profile.subgroups).toBe(false);

  const x = ctx.tensor([1, 3], [1, 2]);
  const read = await layerNorm(x, { normalizedShape: [2], eps: 0 }).read();
  expect([...read]).toEqual([-1, 1]);

  const calls = {
    tune: () => tune(ctx, [[layerNorm, { shape: [1, 2], normalizedShape: [2] }]]),
    exportTuning: () => exportTuning(ctx),
    importTuning: () => importTuning(ctx, "{}"),
    createContext: () => createContext({ device, tuning: "{}" }),
  };
  for (const [name, call] of Object.entries(calls)) {
    const error = await call().then(
      () => null,
      (error: unknown) => error,
    );
    expect(error, name).toBeInstanceOf(NormError);
    expect(String(error), name).toContain("tune: its code could not be loaded, expected import()");
    expect((error as Error).cause, name).toBeInstanceOf(Error);
  }

  const buffer = device.createBuffer({ size: 16, usage: 128 | 4 });
  const lent = ctx.fromBuffer(buffer, { shape: [1, 2] });
  buffer.destroy();
  const refused = layerNorm(lent, { normalizedShape: [2] }).read();
  await expect(refused).rejects.toThrow("layerNorm: the GPU refused the work"); // without details
  ctx.destroy();
  device.destroy();
}, 60_000);
