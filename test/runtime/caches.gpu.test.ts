// These tests count the GPU objects of a call: a repeated call makes none, a new batch size
// compiles nothing, and buffers of destroyed tensors come back.

import { expect } from "vitest";
import { batchNorm, groupNorm, layerNorm, mean } from "../../src/index";
import { test } from "../support/fixture";
import { countCreated } from "../support/gpu_objects";

test("counting counts: a first call compiles and allocates", async ({ freshContext }) => {
  const ctx = await freshContext();
  const x = ctx.tensor(new Float32Array(77), [7, 11]);
  const counts = countCreated(ctx, () => layerNorm(x, { normalizedShape: [11] }));
  expect(counts.createComputePipeline).toBe(1);
  expect(counts.createBuffer).toBe(2); // the result and the uniforms
  expect(counts.createBindGroup).toBe(1);
});

test("a repeated call makes nothing", async ({ freshContext }) => {
  const ctx = await freshContext();
  const x = ctx.tensor(new Float32Array(4 * 6 * 700).fill(1), [4, 6, 700]);
  const out = ctx.empty([4, 6, 700]);
  const means = ctx.empty([6]);
  const [runningMean, runningVar] = [ctx.empty([6]), ctx.empty([6])];
  const calls: (() => unknown)[] = [
    () => layerNorm(x, { normalizedShape: [6, 700], out }),
    () => groupNorm(x, { groups: 3, out }),
    () => batchNorm(x, { training: true, runningMean, runningVar, out }),
    () => batchNorm(x, { runningMean, runningVar, out }),
    () => mean(x, { axes: [0, 2], out: means }),
    () => ctx.batch(() => layerNorm(x, { normalizedShape: [700] }).destroy()),
    () => {
      const { y, mean, rstd } = groupNorm(x, { groups: 2, stats: true });
      for (const tensor of [y, mean, rstd]) tensor.destroy();
    },
  ];
  for (const call of calls) {
    call();
    expect(countCreated(ctx, call), String(call)).toEqual({});
  }
});

test("a new batch size compiles nothing while the schedule stays", async ({ freshContext }) => {
  const ctx = await freshContext({ profile: { kind: "cpu" } }); // a GPU has teams for few rows
  const run = (rows: number) => {
    const x = ctx.empty([rows, 640]);
    layerNorm(x, { normalizedShape: [640] });
    batchNorm(x.reshape([rows, 64, 10]), { training: true });
  };
  run(40);
  for (const rows of [41, 64, 17]) {
    const counts = countCreated(ctx, () => run(rows));
    expect(counts.createComputePipeline, `${rows} rows`).toBeUndefined();
    expect(counts.createShaderModule, `${rows} rows`).toBeUndefined();
  }
});

test("a destroyed tensor's buffer is used again, and its content is not", async ({ ctx }) => {
  const first = ctx.tensor(new Float32Array(1000).fill(3), [1000]);
  const { buffer } = first;
  first.destroy();
  const second = ctx.tensor(new Float32Array(1000).fill(4), [1000]);
  expect(second.buffer).toBe(buffer);
  expect(await second.read()).toEqual(new Float32Array(1000).fill(4));
});

test("within a batch an upload does not overtake recorded work", async ({ ctx }) => {
  const row = Float32Array.of(1, 2, 3, 4);
  const expected = await layerNorm(ctx.tensor(row, [4]), { normalizedShape: [4] }).read();
  const y = ctx.batch(() => {
    const x = ctx.tensor(row, [4]);
    const result = layerNorm(x, { normalizedShape: [4] });
    x.destroy(); // its buffer is free for the next tensor, while the work is only recorded
    ctx.tensor(Float32Array.of(9, 9, 9, 9), [4]);
    return result;
  });
  expect(await y.read()).toEqual(expected);
});

test("a batch is one submit", ({ ctx }) => {
  const x = ctx.tensor(new Float32Array(640), [10, 64]);
  let submits = 0;
  const { queue } = ctx.device;
  const submit = queue.submit.bind(queue);
  Object.defineProperty(queue, "submit", {
    configurable: true,
    value: (buffers: GPUCommandBuffer[]) => {
      submits++;
      return submit(buffers);
    },
  });
  ctx.batch(() => {
    for (let i = 0; i < 20; i++) layerNorm(x, { normalizedShape: [64], out: x });
    expect(submits).toBe(0);
  });
  Reflect.deleteProperty(queue, "submit");
  expect(submits).toBe(1);
});
