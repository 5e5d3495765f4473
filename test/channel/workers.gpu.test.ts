// Four workers of a page, each with a device of its own, are one BatchNorm.

import { expect } from "vitest";
import { BACKWARD } from "../reference/backward";
import * as reference from "../reference/norms";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { cut, joined } from "../support/workers";
import type { Found, Part } from "./rank";

const SIZES = [2, 0, 1, 4];
const [C, POSITIONS] = [5, 6];

/** Other environments have no workers that load modules in TypeScript. */
const inPage = typeof document !== "undefined";

const values = (seed: number, offset: number) => ({
  shape: [7, C, POSITIONS],
  data: new Random(seed).normals(7 * C * POSITIONS, offset),
});

/** Starts the ranks that are to come, and returns what each has found. */
async function run(ranks: readonly number[], timeout: number): Promise<Found[]> {
  const [x, dy] = [values(1, 100), values(2, 0)];
  const [xs, dys] = [x, dy].map((all) => cut(all, SIZES));
  const name = `webgpu-norm ${Math.random()}`;
  const workers: Worker[] = [];
  const running = ranks.map((rank) => {
    const worker = new Worker(new URL("./rank.ts", import.meta.url), { type: "module" });
    workers.push(worker);
    const part: Part = {
      ...{ rank, size: SIZES.length, name, timeout, shape: xs[rank].shape },
      ...{ x: Float32Array.from(xs[rank].data), dy: Float32Array.from(dys[rank].data) },
    };
    return new Promise<Found>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(`worker ${rank}: ${message}`));
      worker.postMessage(part);
    });
  });
  try {
    return await Promise.all(running);
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

function furthest(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(given.length).toBe(expected.length);
  return Array.from(given).reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i])), 0);
}

test.skipIf(!inPage)("four workers give what one gives, with the same bits", async () => {
  const found = await run([0, 1, 2, 3], 120_000);
  const whole = (name: "y" | "dx") => {
    const parts = found.map((one, rank) => {
      if ("error" in one) throw new Error(one.error);
      return { shape: [SIZES[rank], C, POSITIONS], data: one[name] };
    });
    return joined(parts).data;
  };
  const [x, dy] = [values(1, 100), values(2, 0)];
  const { y } = reference.batchNorm(x, { training: true });
  const { dx } = BACKWARD.batchNormBackward(dy, { x, training: true } as never);
  expect(furthest(whole("y"), y.data)).toBeLessThan(2e-6 * 4); // of values up to 4
  expect(furthest(whole("dx"), dx.data)).toBeLessThan(4e-6 * 4);
  const statistics = found.map((one) => ("error" in one ? [] : [...one.statistics]));
  for (const own of statistics) expect(own).toEqual(statistics[0]);
});

test.skipIf(!inPage)("three workers of four tell which one is missing", async () => {
  const found = await run([0, 1, 3], 4000);
  for (const one of found) expect(one).toHaveProperty("error");
  const texts = found.map((one) => ("error" in one ? one.error : ""));
  expect(texts.some((text) => text.includes("has nothing from rank 2"))).toBe(true);
  for (const text of texts) {
    expect(text).toMatch(/has nothing from rank|rank \d has given up round/);
  }
});
