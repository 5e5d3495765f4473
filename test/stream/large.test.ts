// A stream of gigabytes is exact in a process with little memory, under Dawn, and uses the memory
// of a few blocks.

import { expect, inject, test } from "vitest";
import { largeStream } from "../runners/stream.mjs";

const GIGABYTES = inject("thorough") ? 4 : 1;
const UNIT = 2 ** -24;

test(`moments of ${GIGABYTES} GB are exact, in little memory`, async ({ skip }) => {
  const found = await largeStream(GIGABYTES);
  skip(found.skipped !== undefined, `no WebGPU adapter in Node here: ${found.skipped}`);
  const { gigabytes, seconds, samples, count, mean, variance, expected, normalized } = found;
  const { before, most } = found;
  console.log(`${gigabytes.toFixed(2)} GB in ${seconds.toFixed(1)} s on ${found.adapter}`, most);
  expect(gigabytes).toBeCloseTo(GIGABYTES, 1);
  expect(count).toBe(256 * samples);
  for (const [channel, of] of expected.entries()) {
    // the mean is rounded to one f32; 16 units are for sums and merges
    expect(Math.abs(mean[channel] - of.mean)).toBeLessThanOrEqual(UNIT * (of.mean + 8));
    expect(Math.abs(variance[channel] / of.variance - 1)).toBeLessThan(16 * UNIT);
  }
  expect(normalized.values % 1024).toBe(0);
  expect(normalized.mean).toBeCloseTo(normalized.expectedMean, 6);
  expect(normalized.square).toBeCloseTo(normalized.expectedSquare, 6);
  // blocks have 8 MiB: a few of them, and those that are not collected yet
  expect(most.rss - before.rss).toBeLessThan(200);
  expect(most.arrayBuffers).toBeLessThan(200);
}, 180_000);
