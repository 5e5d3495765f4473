// Differences of the masked forward judge its gradients: for flags and integers, whatever masked
// elements become. For fractional weights the definition is in docs/operations.md.

import { describe, expect, test } from "vitest";
import type { Values } from "../support/arrays";
import { Random } from "../support/random";
import { BACKWARD } from "./backward";
import { maskedForward } from "./masked";

const STEP = 1e-5;
const SHAPE = [3, 5];
const GROUPING = { shape: SHAPE, axes: [1] };
type Options = Parameters<typeof maskedForward>[2];

const OPTIONS: Readonly<Record<string, Options>> = {
  layerNorm: { normalizedShape: [5], eps: 1e-3 },
  rmsNorm: { axes: [1], eps: 1e-3 },
  lpNormalize: { axes: [1], p: 3 },
  meanVarianceNorm: { axes: [1], eps: 1e-2 },
  standardize: { axes: [1], correction: 1, eps: 1e-3 },
};
const DEVIATION: Options = { axes: [1], correction: 1, epsOn: "deviation", eps: 1e-2 };
const CASES = [...Object.entries(OPTIONS), ["standardize", DEVIATION] as const];

const values = (random: Random, data?: readonly number[]): Values => ({
  shape: SHAPE,
  data: Float64Array.from(data ?? random.normals(15, 1, 1)),
});

describe("gradients of masked norms are those of their differences", () => {
  for (const [name, options] of CASES) {
    for (const fill of [0, "keep", "apply"] as const) {
      test(`${name} ${JSON.stringify(options)}, fill ${fill}`, () => {
        const random = new Random(name.length);
        const mask = values(random, [1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1]);
        const [x, dy, weight] = [values(random), values(random), values(random)];
        const all = { ...options, fill, mask, scale: weight };
        const loss = (data: Values["data"]) => {
          const { y } = maskedForward(name, { shape: SHAPE, data }, all, GROUPING);
          return [...y.data].reduce((sum, v, i) => sum + v * dy.data[i], 0);
        };
        const { dx } = BACKWARD[`${name}Backward`](dy, { ...all, x });
        dx.data.forEach((given, i) => {
          const at = (by: number) =>
            loss(Float64Array.from(x.data, (v, k) => (k === i ? v + by : v)));
          const slope = (at(STEP) - at(-STEP)) / (2 * STEP);
          expect(Math.abs(given - slope), `dx[${i}]`).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
        });
      });
    }
  }
});
