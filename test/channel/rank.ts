// This worker is one rank of a group: it has a device of its own, and computes one step of
// BatchNorm with the others. test/channel/workers.gpu.test.ts starts it.

import { channelGroup } from "../../src/channel/index";
import { createContext, syncBatchNorm, syncBatchNormBackward } from "../../src/index";

/** A rank is told its number, the channel's name, and its part of x and dy. */
export interface Part {
  readonly rank: number;
  readonly size: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly timeout: number;
}

export type Found = { error: string } | Record<"y" | "dx" | "statistics", Float32Array>;

async function step({ rank, size, name, shape, x, dy, timeout }: Part): Promise<Found> {
  const ctx = await createContext();
  const group = channelGroup({ channel: new BroadcastChannel(name), rank, size });
  const [input, gradient] = [x, dy].map((data) => ctx.tensor(data, shape));
  const { y, moments } = await syncBatchNorm(input, { group, timeout });
  const { dx } = await syncBatchNormBackward(gradient, { x: input, moments, group, timeout });
  const { mean, meanPair = mean, variance } = moments;
  const read = await Promise.all([meanPair, variance].map((tensor) => tensor.read()));
  const statistics = Float32Array.from(read.flatMap((data) => [...data]));
  const found = { y: await y.read(), dx: await dx.read(), statistics };
  ctx.destroy();
  return found;
}

globalThis.addEventListener("message", async ({ data }: MessageEvent<Part>) => {
  const found = await step(data).catch((error) => ({ error: String(error) }));
  globalThis.postMessage(found);
});
