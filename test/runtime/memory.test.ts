// These tests measure memory over many calls, on Dawn's null backend, which does everything but
// compute.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import {
  batchNorm,
  createContext,
  groupNorm,
  layerNorm,
  layerNormBackward,
  prepare,
} from "../../src/index";
import { watchBuffers } from "../support/gpu_objects";
import { nullDevice } from "../support/null_device";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

async function bytesInUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve)); // Dawn's objects go after a turn
  }
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + arrayBuffers + external;
}

test("memory is flat over 10,000 calls", { timeout: 120_000 }, async () => {
  const device = await nullDevice();
  const { made: buffers, live } = watchBuffers(device);
  const ctx = await createContext({ device });
  const w = ctx.empty([64]);
  const [runningMean, runningVar] = [ctx.empty([8]), ctx.empty([8])];
  const prepared = prepare(ctx, groupNorm, { shape: [4, 8, 64], groups: 2 });
  const calls = async (count: number) => {
    for (let i = 0; i < count; i += 5) {
      const x = ctx.empty([1 + (i % 35), 8, 64]); // seven batch sizes, again and again
      const { y, mean, rstd } = layerNorm(x, { normalizedShape: [64], weight: w, stats: true });
      const { dx, dWeight } = layerNormBackward(y, {
        x,
        mean,
        rstd,
        normalizedShape: [64],
        weight: w,
      });
      const made = ctx.batch(() => [
        groupNorm(x, { groups: 2 }),
        batchNorm(x.reshape([-1, 8, 64]), { runningMean, runningVar, training: true }),
      ]);
      const encoder = device.createCommandEncoder();
      const own = ctx.empty([4, 8, 64]);
      prepared.encode(encoder, { x: own });
      device.queue.submit([encoder.finish()]);
      for (const tensor of [x, y, mean, rstd, dx, dWeight, own, ...made]) tensor.destroy();
      if (i % 500 === 0) await ctx.sync();
      buffers.clear(); // it would keep what is destroyed
    }
    await ctx.sync();
  };
  await calls(8000); // caches fill, and the engine compiles
  const [bytes, count] = [await bytesInUse(), live.size];
  await calls(10_000);
  expect(live.size).toBe(count);
  expect((await bytesInUse()) - bytes).toBeLessThan(500_000); // 50 bytes a call
});
