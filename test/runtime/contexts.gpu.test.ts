// Two contexts on one device keep the order of their calls, in a batch of either of them.

import { expect } from "vitest";
import { layerNorm, softmax } from "../../src/index";
import { test } from "../support/fixture";

const ROW = [1, 2, 3, 4];
const SOFTMAX = [0.0320586, 0.0871443, 0.2368828, 0.6439142];

const close = (given: ArrayLike<number>, expected: readonly number[]) => {
  for (const [i, value] of expected.entries()) expect(given[i]).toBeCloseTo(value, 5);
};

test("a batch of one context has the other's work in order", async ({ freshContext }) => {
  const a = await freshContext();
  const b = await freshContext({ device: a.device });
  const [ta, tb] = [a.tensor(ROW, [4]), b.tensor([0, 0, 0, 0], [4])];
  const alone = layerNorm(tb, { normalizedShape: [4], residual: softmax(ta) });
  const expected = await alone.read();
  const y = a.batch(() => layerNorm(tb, { normalizedShape: [4], residual: softmax(ta) }));
  expect(await y.read()).toEqual(expected);
  expect(expected[3]).toBeGreaterThan(1);
});

test("reads and uploads by one context cut the other's batch", async ({ freshContext }) => {
  const a = await freshContext();
  const b = await freshContext({ device: a.device });
  const [ta, tb] = [a.tensor(ROW, [4]), b.tensor([0, 0, 0, 0], [4])];
  const { reading, x, y } = a.batch(() => {
    softmax(ta, { out: tb });
    const reading = tb.read();
    const x = b.tensor(ROW, [4]);
    const y = softmax(x);
    x.destroy(); // its buffer is the next one's, while the work is only recorded
    const other = b.tensor([9, 9, 9, 9], [4]);
    return { reading, x: other, y };
  });
  close(await reading, SOFTMAX);
  close(await y.read(), SOFTMAX);
  expect(await x.read()).toEqual(Float32Array.of(9, 9, 9, 9));
});
