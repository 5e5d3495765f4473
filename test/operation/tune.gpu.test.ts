// Tuning measures plans on the device at hand, takes the fastest and remembers it. Results change
// by rounding alone.

import { expect, vi } from "vitest";
import {
  batchNorm,
  type Context,
  explain,
  exportTuning,
  groupNorm,
  importTuning,
  layerNorm,
  layerNormBackward,
  mean,
  NormError,
  rmsNorm,
  rmsNormBackward,
  softmax,
  type Tuning,
  tune,
} from "../../src/index";
import { abstractCall } from "../../src/operation/abstract";
import { problemKey } from "../../src/plan/problem";
import { caught, expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";

const ROWS = { shape: [24, 96], normalizedShape: [96] };
const IMAGES = { shape: [2, 6, 40], groups: 2 };
const SHORT = { shape: [6, 40], axes: [1] }; // of `mean`, whose kernels compile fast

const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * i));

function expectClose(given: Float32Array, expected: Float32Array): void {
  expect(given.length).toBe(expected.length);
  const worst = given.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i])), 0);
  expect(worst).toBeLessThan(4e-6);
}

/** A tuning in which LayerNorm's rows are split in three. */
async function splitRows(ctx: Context): Promise<Tuning> {
  const key = problemKey(abstractCall("tune", layerNorm, ROWS).problem);
  const changes = { split: true, slices: 3 };
  const choices = { [key]: { changes, ms: 1, heuristicMs: 2, measured: 9 } };
  return { ...(await exportTuning(ctx)), choices };
}

test("the plan taken is the fastest that was measured, and results stay", async ({
  device,
  freshContext,
}) => {
  const ctx = await freshContext({ device });
  const x = ctx.tensor(values(24 * 96), [24, 96]);
  const run = async () => {
    const dy = softmax(x, { axes: [1] });
    const { dx } = rmsNormBackward(dy, { x, normalizedShape: [96] });
    return [await dy.read(), await dx.read()];
  };
  const before = await run();
  const steps: number[] = [];
  const found = await tune(
    ctx,
    [
      [softmax, { shape: ROWS.shape, axes: [1] }],
      [rmsNormBackward, { ...ROWS, x: true }],
    ],
    { onProgress: (done, total) => steps.push(done / total) },
  );
  expect(found.map(({ op }) => op)).toEqual(["softmax", "rmsNormBackward"]);
  expect(found.map(({ shape }) => shape)).toEqual([ROWS.shape, ROWS.shape]);
  expect(steps).toEqual([1 / 2, 1]);
  for (const { ms, heuristicMs, measured } of found) {
    expect(measured).toBeGreaterThan(3);
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(heuristicMs);
  }
  const after = await run();
  for (const [i, expected] of before.entries()) expectClose(after[i], expected);
});

test("what is taken is what the choice says, and explain says it", async ({
  device,
  freshContext,
}) => {
  const ctx = await freshContext({ device }); // pipelines are the device's: made once
  const x = ctx.tensor(values(24 * 96), [24, 96]);
  const expected = await layerNorm(x, { normalizedShape: [96] }).read();
  const usual = explain(ctx, layerNorm, ROWS);
  expect(usual.schedule).toBe("row");
  expect(usual.candidates[0]).toMatchObject({ changes: {}, schedule: "row", chosen: true });
  expect(usual.candidates.length).toBeGreaterThan(3);
  expect(usual.candidates.filter(({ chosen }) => chosen).length).toBe(1);

  await importTuning(ctx, await splitRows(ctx));
  const tuned = explain(ctx, layerNorm, ROWS);
  expect(tuned.schedule).toBe("split");
  expect(tuned.why).toContain("fastest of 9");
  expect(tuned.candidates.filter(({ chosen }) => chosen)).toMatchObject([
    { changes: { split: true, slices: 3 }, schedule: "split" },
  ]);
  expect(String(tuned)).toContain("> split, split true, slices 3: ");
  const dispatches = vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups");
  const y = layerNorm(x, { normalizedShape: [96] });
  expect(dispatches).toHaveBeenCalledTimes(tuned.passes.length);
  dispatches.mockRestore();
  expect(tuned.passes.length).toBeGreaterThan(1);
  expectClose(await y.read(), expected);
});

test("without a list: all that was called", async ({ device, freshContext }) => {
  const ctx = await freshContext({ device }); // pipelines are the device's: made once
  const x = ctx.tensor(values(480), [80, 6]);
  const [runningMean, runningVar] = [ctx.empty([6]), ctx.tensor(values(6).fill(1), [6])];
  mean(x, { axes: [1] });
  batchNorm(x, { training: true, runningMean, runningVar });
  const before = await runningVar.read();
  const found = await tune(ctx);
  expect(found.map(({ op }) => op)).toEqual(["mean", "batchNorm"]);
  expect(await runningVar.read()).toEqual(before); // the caller's tensors are not touched
});

test("JSON takes the choices to another context of the adapter", async ({
  device,
  freshContext,
}) => {
  const ctx = await freshContext({ device }); // pipelines are the device's: made once
  const tuning = await splitRows(ctx);
  await importTuning(ctx, tuning);
  const text = JSON.stringify(await exportTuning(ctx));
  const { profile } = ctx;
  const other = await freshContext({ device, profile, tuning: text });
  expect(String(explain(other, layerNorm, ROWS))).toBe(String(explain(ctx, layerNorm, ROWS)));
});

test("nothing is left behind", async ({ device, freshContext }) => {
  const ctx = await freshContext({ device, poolBytes: 0 });
  const { made, live } = watchBuffers(device);
  await tune(ctx, [[rmsNorm, { ...ROWS, weight: true }]]);
  await ctx.sync();
  Reflect.deleteProperty(ctx.device, "createBuffer");
  expect(made.size).toBeGreaterThan(10);
  expect(live.size).toBe(0);
});

test("a signal stops it; what was decided stays", async ({ device, freshContext }) => {
  const ctx = await freshContext({ device }); // pipelines are the device's: made once
  const abort = new AbortController();
  const error = await rejection(
    tune(
      ctx,
      [
        [mean, SHORT],
        [groupNorm, IMAGES],
      ],
      { signal: abort.signal, onProgress: () => abort.abort(new Error("enough")) },
    ),
  );
  expect(String(error)).toContain("enough");
  expect(Object.keys((await exportTuning(ctx)).choices).length).toBe(1);
  expect((await groupNorm(ctx.empty([2, 6, 40]), { groups: 2 }).read()).length).toBe(480);
});

test("the page's storage keeps it, if asked", async ({ device, freshContext, skip }) => {
  const ctx = await freshContext({ device });
  if (!("localStorage" in globalThis)) {
    const error = await rejection(tune(ctx, [[mean, SHORT]], { store: true }));
    expectMessage(error, ["tune: there is no localStorage"]);
    skip("no localStorage here");
  }
  localStorage.clear();
  try {
    await tune(ctx, [[mean, SHORT]]);
    expect(localStorage.length).toBe(0);
    await tune(ctx, [[mean, SHORT]], { store: true });
    expect(localStorage.length).toBe(1);
    const { profile } = ctx;
    const other = await freshContext({ device, profile, tuning: "stored" });
    expect(await exportTuning(other)).toEqual(await exportTuning(ctx));
    localStorage.setItem(localStorage.key(0) as string, "{");
    const third = await freshContext({ device, profile, tuning: "stored" });
    expect((await exportTuning(third)).choices).toEqual({});
  } finally {
    localStorage.clear();
  }
});

/** Places without the storage of a page: a worker has none, a page may be denied it. */
const PLACES: [string, () => unknown][] = [
  ["a worker", () => undefined],
  [
    "a page without permission",
    () => {
      throw new Error("denied");
    },
  ],
];

for (const [place, get] of PLACES) {
  test(`${place} has nothing stored, and stores nothing`, async ({ device, freshContext }) => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
    Object.defineProperty(globalThis, "localStorage", { get, configurable: true });
    try {
      const ctx = await freshContext({ device, tuning: "stored" });
      expect((await exportTuning(ctx)).choices).toEqual({});
      const error = await rejection(tune(ctx, [[groupNorm, IMAGES]], { store: true }));
      expectMessage(error, ["tune: there is no localStorage here", "expected a page"]);
      expect((await exportTuning(ctx)).choices).toEqual({}); // told before it measures
    } finally {
      if (own) Object.defineProperty(globalThis, "localStorage", own);
      else Reflect.deleteProperty(globalThis, "localStorage");
    }
  });
}

test("a full storage is told", async ({ device, freshContext }) => {
  const ctx = await freshContext({ device });
  const own = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  const setItem = () => {
    throw new Error("full");
  };
  Object.defineProperty(globalThis, "localStorage", { value: { setItem }, configurable: true });
  try {
    const error = await rejection(tune(ctx, [], { store: true }));
    expectMessage(error, ["tune: localStorage refused the choices", "expected room"]);
    expect(String((error as NormError).cause)).toContain("full");
  } finally {
    if (own) Object.defineProperty(globalThis, "localStorage", own);
    else Reflect.deleteProperty(globalThis, "localStorage");
  }
});

test("JSON that is not to be trusted", async ({ device, freshContext }) => {
  const ctx = await freshContext({ device }); // pipelines are the device's: made once
  await importTuning(ctx, await splitRows(ctx));
  const good = await exportTuning(ctx);
  const choice = Object.values(good.choices)[0];
  const bad: [unknown, string[]][] = [
    ["{", ["importTuning: the text is not JSON"]],
    [null, ["importTuning: format undefined"]],
    [{ ...good, format: "webgpu-norm tuning 0" }, ["importTuning: format", "tuning 2"]],
    [{ ...good, adapter: "another card" }, ["importTuning: the tuning is of", "another card"]],
    [{ ...good, choices: 5 }, ["importTuning: choices 5", "object"]],
    [{ ...good, choices: { a: null } }, ["importTuning: the choice for a"]],
    [{ ...good, choices: { a: { ...choice, ms: "fast" } } }, ["importTuning: the choice for a"]],
    ...[
      { team: 3 },
      { team: 512 },
      { width: 2 },
      { slices: 0 },
      { split: 1 },
      { turbo: true },
      { subgroups: true },
    ].map((changes): [unknown, string[]] => [
      { ...good, choices: { b: { ...choice, changes } } },
      ["importTuning: the choice for b", "expected as exported"],
    ]),
  ];
  for (const [tuning, message] of bad) {
    const error = await rejection(importTuning(ctx, tuning as Tuning));
    expect(error).toBeInstanceOf(NormError);
    expectMessage(error, message);
    expect(await exportTuning(ctx)).toEqual(good);
  }
});

test("a candidate that the GPU refuses is left out, unless it is the heuristics'", async ({
  freshContext,
}) => {
  const ctx = await freshContext({ profile: { kind: "cpu" } }); // whose heuristics have small teams
  const compile = ctx.device.createComputePipelineAsync.bind(ctx.device);
  const refused: unknown[] = [];
  let isRefused = (team: number) => team > 8;
  ctx.device.createComputePipelineAsync = async (descriptor) => {
    const { TEAM = 1 } = descriptor.compute.constants ?? {};
    if (!isRefused(TEAM)) return compile(descriptor);
    refused.push(TEAM);
    throw new Error("too many invocations");
  };
  const [{ measured, changes }] = await tune(ctx, [[layerNorm, ROWS]]);
  expect(new Set(refused)).toContain(64);
  expect(measured).toBeGreaterThan(3);
  expect(changes.team ?? 1).toBeLessThanOrEqual(8);
  isRefused = () => true;
  const error = await rejection(tune(ctx, [[softmax, { shape: [3, 5] }]]));
  expect(error).toBeInstanceOf(NormError);
  expectMessage(error, ["tune: too many invocations"]);
  Reflect.deleteProperty(ctx.device, "createComputePipelineAsync");
  expect((await softmax(ctx.tensor(values(15), [3, 5])).read()).length).toBe(15);
});

test("a device of smaller limits tunes, and takes a tuning of a larger one as far as it can", async ({
  freshContext,
  freshDevice,
  skip,
}) => {
  const device = await freshDevice({}, { featureLevel: "compatibility" });
  skip(device.limits.maxComputeInvocationsPerWorkgroup > 128, "the stack has no such devices");
  const ctx = await freshContext({ device, profile: { kind: "gpu", f16: false } });
  const normalizedShape = [4100];
  const rows = { shape: [2, 4100], normalizedShape };
  const gradient = { ...rows, x: true };
  const x = ctx.tensor(values(8200), rows.shape);
  const run = async () => {
    const y = layerNorm(x, { normalizedShape });
    const { dx } = layerNormBackward(y, { x, normalizedShape });
    return [await y.read(), await dx.read()];
  };
  const before = await run();
  const [found] = await tune(ctx, [[mean, { shape: [3, 96], axes: [1] }]]);
  expect(found.measured).toBeGreaterThan(3);
  const calls = [
    abstractCall("tune", layerNorm, rows),
    abstractCall("tune", layerNormBackward, gradient),
  ];
  const changes = { team: 256, columns: true, split: false, nativeF16: true };
  const larger = calls.map(({ problem }) => {
    return [problemKey(problem), { changes, ms: 1, heuristicMs: 2, measured: 9 }];
  });
  const tuning = await exportTuning(ctx);
  await importTuning(ctx, { ...tuning, choices: Object.fromEntries(larger) });
  expect(explain(ctx, layerNorm, rows).passes.map(({ team }) => team)).toEqual([128]);
  const imported = await run();
  for (const [i, expected] of before.entries()) {
    expectClose(imported[i], expected);
  }
});

test("a destroyed context, a lost device, a wrong option", async ({
  freshContext,
  freshDevice,
}) => {
  const device = await freshDevice();
  const ctx = await freshContext({ device });
  expectMessage(await rejection(tune(ctx, [[layerNorm, { shape: [2], normalizedShape: [3] }]])), [
    "layerNorm: normalizedShape [3]",
  ]);
  const tuning = tune(ctx, [[layerNorm, ROWS]]);
  device.destroy();
  expectMessage(await rejection(tuning), ["", "lost"]);
  await device.lost; // Deno says so later
  expectMessage(await rejection(tune(ctx, [[layerNorm, ROWS]])), ["tune: the GPU device was lost"]);
  const other = await freshContext();
  other.destroy();
  expectMessage(await rejection(tune(other)), ["tune: the context is destroyed"]);
  expect(caught(() => other.empty([1]))).toBeInstanceOf(NormError);
});
