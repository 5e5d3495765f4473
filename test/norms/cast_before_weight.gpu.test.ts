// With castBeforeWeight the normalized x is rounded to x's type, then weight and bias are applied in
// f32, and the result is rounded once more, bit for bit.

import { expect } from "vitest";
import { layerNorm, layerNormBackward, rmsNorm } from "../../src/index";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { narrow } from "../support/rounding";

const [ROWS, LENGTH] = [6, 96];

/** The products as f32, rounded to the type. */
function rounded(products: Float32Array, dtype: "f16" | "bf16"): Float32Array {
  const values = { shape: [products.length], data: products };
  narrow(values, dtype);
  return values.data as Float32Array;
}

for (const dtype of ["f16", "bf16"] as const) {
  for (const shift of [0, 1]) {
    test(`rmsNorm, ${dtype}, weight + ${shift}`, async ({ ctx }) => {
      const random = new Random(7);
      const x = ctx.tensor(random.normals(ROWS * LENGTH, 0, 3), [ROWS, LENGTH], { dtype });
      const given = random.normals(LENGTH, 1, 0.5);
      const weight = ctx.tensor(given, [LENGTH]);
      const own = { axes: [1], eps: 1e-6 };
      const u = await rmsNorm(x, own).read();
      const cast = { ...own, weight, weightOffset: shift, castBeforeWeight: true };
      const y = await rmsNorm(x, cast).read();
      const products = u.map((v, i) => v * Math.fround(given[i % LENGTH] + shift));
      expect(y).toEqual(rounded(products, dtype));
      const once = await rmsNorm(x, { ...cast, castBeforeWeight: false }).read();
      expect(once).not.toEqual(y);
      const inF32 = await rmsNorm(x, { ...cast, dtype: "f32" }).read();
      expect(inF32).toEqual(u.map((v, i) => v * Math.fround(given[i % LENGTH] + shift)));
    });
  }

  test(`layerNorm, ${dtype}: small and large values, and gradients without the rounding`, async ({
    ctx,
  }) => {
    const random = new Random(8);
    const data = random.normals(ROWS * LENGTH, 0, 1).map((v, i) => v * 10 ** ((i % 9) - 6));
    const x = ctx.tensor(data, [ROWS, LENGTH], { dtype });
    const given = random.normals(LENGTH, 0, 1);
    const own = { normalizedShape: LENGTH, weight: ctx.tensor(given, [LENGTH]) };
    const u = await layerNorm(x, { normalizedShape: LENGTH }).read();
    const y = await layerNorm(x, { ...own, castBeforeWeight: true }).read();
    expect(y).toEqual(
      rounded(
        u.map((v, i) => v * given[i % LENGTH]),
        dtype,
      ),
    );
    const dy = ctx.tensor(random.normals(ROWS * LENGTH), [ROWS, LENGTH]);
    const gradients = async (castBeforeWeight: boolean) => {
      const { dx, dWeight } = layerNormBackward(dy, { ...own, x, castBeforeWeight });
      return [await dx.read(), await dWeight.read()];
    };
    expect(await gradients(true)).toEqual(await gradients(false));
  });
}

test("f32 has no rounding", async ({ ctx }) => {
  const x = ctx.tensor(new Random(9).normals(ROWS * LENGTH), [ROWS, LENGTH]);
  const own = { axes: [1], weight: ctx.tensor(new Random(1).normals(LENGTH), [LENGTH]) };
  const y = await rmsNorm(x, { ...own, castBeforeWeight: true }).read();
  expect(y).toEqual(await rmsNorm(x, own).read());
});

test("integers have no type to round to", async ({ ctx }) => {
  const bytes = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 251);
  const x = ctx.tensor(bytes, [2, 24], { dtype: "u8" });
  const own = { axes: [1], weight: ctx.tensor(new Random(9).normals(24), [24]) };
  const y = await rmsNorm(x, { ...own, castBeforeWeight: true }).read();
  expect(y).toEqual(await rmsNorm(x, own).read());
});
