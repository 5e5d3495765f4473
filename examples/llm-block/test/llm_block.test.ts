// Eight layers in one pass are those of float64 to the roundings of f16, and large values keep their
// norm.

import { beforeAll, expect, test } from "vitest";
import type { Context } from "webgpu-norm";
import { vulkan } from "../../../scripts/lib/vulkan.mjs";
import { Random } from "../../../test/support/random";
import { openContext } from "../src/context.js";
import { createModel, reference } from "../src/model.js";
import { errorsAt, half } from "../src/overflow.js";

let context: Context;
beforeAll(async () => {
  Object.assign(process.env, await vulkan());
  context = await openContext();
});

const [TOKENS, WIDTH, LAYERS] = [5, 128, 8];
const random = new Random(11);
const halves = (length: number, scale: number) =>
  Float32Array.from({ length }, () => half(scale * random.normal()));
const layers = Array.from({ length: LAYERS }, () => ({
  scale: halves(WIDTH, 0.1).map((value) => half(1 + value)),
  matrix: halves(WIDTH * WIDTH, 1 / Math.sqrt(WIDTH)),
}));

function relative(values: ArrayLike<number>, right: Float64Array): number {
  const square = right.reduce((sum, v) => sum + v * v, 0);
  return Math.sqrt(right.reduce((sum, v, i) => sum + (v - (values[i] as number)) ** 2, 0) / square);
}

test("x and the residual after eight layers, twice: the second step goes on from the first", async () => {
  const sizes = { tokens: TOKENS, width: WIDTH, layers };
  const model = createModel(context, sizes);
  const input = halves(TOKENS * WIDTH, 1);
  const given = context.tensor(input, [TOKENS, WIDTH], { dtype: "f16" });
  const { device } = context;
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(given.buffer, 0, model.x.buffer, 0, 2 * TOKENS * WIDTH);
  device.queue.submit([encoder.finish()]);
  model.step();
  const once = reference(input, sizes);
  // each layer rounds the sum, y and x to 11 bits
  const bound = 3 * LAYERS * 2 ** -11;
  expect(relative(await model.residual.read(), once.residual)).toBeLessThan(bound);
  expect(relative(await model.x.read(), once.x)).toBeLessThan(bound);
  const before = await model.residual.read();
  model.step();
  const after = await model.residual.read();
  expect(relative(after, Float64Array.from(before))).toBeGreaterThan(0.1);
  const twice = reference(input, { ...sizes, layers: [...layers, ...layers] });
  expect(relative(after, twice.residual)).toBeLessThan(2 * bound);
});

test("values beyond 256: sums in f16 are infinite, the library's error is a rounding of y", async () => {
  for (const { size, halves: naive, library } of await errorsAt(context, [1, 100, 300, 60_000])) {
    expect(library, `size ${size}`).toBeLessThan(2 ** -11 * 1.5); // y is at most sqrt(2)
    if (size > 256) expect(naive).toBeGreaterThan(0.9);
  }
});
