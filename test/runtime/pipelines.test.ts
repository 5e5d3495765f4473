// A device keeps so many pipelines, those that were used last, and only while a context uses them.

import { expect, test } from "vitest";
import { type Context, createContext, layerNorm, prepare, softmax, warmup } from "../../src/index";
import type { Pass } from "../../src/plan/plan";
import { queueOf } from "../../src/runtime/command_queue";
import { pipelinesOf } from "../../src/runtime/pipeline_cache";
import { nullDevice } from "../support/null_device";

async function counted() {
  const device = await nullDevice();
  const count = { pipelines: 0, modules: 0 };
  for (const [name, key] of [
    ["createComputePipeline", "pipelines"],
    ["createShaderModule", "modules"],
  ] as const) {
    const original = device[name].bind(device) as (descriptor: never) => unknown;
    Object.defineProperty(device, name, {
      configurable: true,
      value: (descriptor: never) => {
        count[key]++;
        return original(descriptor);
      },
    });
  }
  return { device, count };
}

/** Makes other pipelines in great number, which the device need not compile. */
function crowd(device: GPUDevice, count: number): void {
  const pass = (i: number) =>
    ({ fragments: [], constants: { i }, does: "crowd" }) as unknown as Pass;
  const compile = device.createComputePipeline.bind(device);
  const nothing = {} as GPUComputePipeline;
  const createComputePipeline = (descriptor: GPUComputePipelineDescriptor) =>
    descriptor.label?.endsWith("crowd") ? nothing : compile(descriptor);
  Object.defineProperty(device, "createComputePipeline", {
    value: createComputePipeline,
    configurable: true,
  });
  for (let i = 0; i < count; i++) {
    queueOf(device).batch(() => pipelinesOf(device).get(device, "crowd", pass(i)));
  }
  Object.defineProperty(device, "createComputePipeline", { value: compile, configurable: true });
}

test("the least recently used pipelines leave; plans and prepared operations stay", async () => {
  const { device, count } = await counted();
  const ctx = await createContext({ device });
  const x = ctx.empty([2, 3]);
  const [early, often] = [() => softmax(x), () => layerNorm(x, { normalizedShape: [3] })];
  const prepared = prepare(ctx, softmax, { shape: [2, 3], axes: [0] });
  early();
  often();
  expect(count.pipelines).toBe(3);
  crowd(device, 250);
  often();
  early();
  expect(count.pipelines).toBe(3);
  crowd(device, 250); // these are there already
  often();
  crowd(device, 255);
  often();
  expect(count.pipelines).toBe(3);
  await early().read(); // compiled anew
  expect(count.pipelines).toBe(4);
  const encoder = device.createCommandEncoder();
  const y = prepared.encode(encoder, { x }); // it holds its pipeline
  device.queue.submit([encoder.finish()]);
  await y.read();
  await ctx.sync();
  expect(count.pipelines).toBe(4);
  crowd(device, 300);
  await warmup(ctx, [[layerNorm, { shape: [2, 3], normalizedShape: [3] }]]);
  often();
  expect(count.pipelines).toBe(4); // warmup compiles by another call
  ctx.destroy();
});

test("what a destroyed context alone used is released", async () => {
  const { device, count } = await counted();
  const [a, b] = [await createContext({ device }), await createContext({ device })];
  const both = (ctx: Context) => softmax(ctx.empty([2, 3]));
  const alone = (ctx: Context) => layerNorm(ctx.empty([2, 3]), { normalizedShape: [3] });
  for (const ctx of [a, b]) both(ctx);
  alone(a);
  await a.sync();
  expect(count).toEqual({ pipelines: 2, modules: 2 });
  a.destroy();
  both(b);
  expect(count).toEqual({ pipelines: 2, modules: 2 });
  alone(b);
  expect(count).toEqual({ pipelines: 3, modules: 3 });
  await b.sync();
  b.destroy();
});

test("what several operations need at the same time is compiled once", async () => {
  const { device, count } = await counted();
  let ahead = 0;
  const compile = device.createComputePipelineAsync.bind(device);
  Object.defineProperty(device, "createComputePipelineAsync", {
    value: (descriptor: GPUComputePipelineDescriptor) => {
      ahead++;
      return compile(descriptor);
    },
  });
  const [a, b] = [await createContext({ device }), await createContext({ device })];
  const rows = (count: number) => [softmax, { shape: [count, 3] }] as const;
  await Promise.all([warmup(a, [rows(2), rows(5)]), warmup(a, [rows(7)]), warmup(b, [rows(2)])]);
  expect(ahead).toBe(1);
  a.destroy();
  softmax(b.empty([2, 3]));
  await b.sync();
  expect({ ahead, ...count }).toEqual({ ahead: 1, pipelines: 0, modules: 1 });
  b.destroy();
});
