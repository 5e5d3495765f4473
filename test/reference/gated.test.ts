// Differences of the gated forward judge the gradients of gates and skips, with and without a mask.

import { describe, expect, test } from "vitest";
import { product, type Values } from "../support/arrays";
import { Random } from "../support/random";
import { BACKWARD } from "./backward";
import { maskedForward } from "./masked";

const STEP = 1e-5;
const SHAPE = [3, 4, 5];
const GROUPING = { shape: SHAPE, axes: [2] };
type Options = Parameters<typeof maskedForward>[2];

const NORMS: Readonly<Record<string, Options>> = {
  layerNorm: { normalizedShape: [5], eps: 1e-2 },
  rmsNorm: { axes: [2], eps: 1e-2, weightOffset: 1 },
  lpNormalize: { axes: [2], p: 2 },
};

/** Each array with the gradient of it, which is summed where it repeats. */
const GRADIENTS: Readonly<Record<string, string>> = {
  x: "dx",
  residualBias: "dResidualBias",
  residual: "dResidual",
  residualGate: "dResidualGate",
  weight: "dWeight",
  scale: "dScale",
  gate: "dGate",
  skip: "dSkip",
  skipGate: "dSkipGate",
};

const FILLS = [undefined, -1.5, "keep", "apply"] as const;

describe("gradients of gated norms are those of their differences", () => {
  for (const [name, options] of Object.entries(NORMS)) {
    for (const gateFirst of [false, true]) {
      for (const fill of FILLS) {
        test(`${name}, gate ${gateFirst ? "first" : "last"}, fill ${fill}`, () => {
          const random = new Random(name.length + FILLS.indexOf(fill));
          const make = (...shape: number[]): Values => ({
            shape,
            data: Float64Array.from(random.normals(product(shape), 0.3, 1)),
          });
          const inputs: Record<string, Values> = {
            ...{ x: make(...SHAPE), residual: make(...SHAPE), residualBias: make(5) },
            ...{ residualGate: make(4, 1), scale: make(5), weight: make(5) },
            ...{ gate: make(...SHAPE), skip: make(3, 1, 1), skipGate: make(4, 5) },
          };
          const mask = fill !== undefined && {
            mask: {
              shape: SHAPE,
              data: Float64Array.from(make(...SHAPE).data, (v) => Number(v > 0)),
            },
          };
          const all = {
            ...{ ...options, ...mask, fill, gateFirst, gateActivation: "silu" as const },
            ...{ activation: "tanh" as const, scaleOffset: 0.25, residualOut: true },
          };
          const [dy, dSum] = [make(...SHAPE), make(...SHAPE)];
          const forward = (of: Record<string, Values>) => {
            const { x, ...others } = of;
            return maskedForward(name, x, { ...all, ...others }, GROUPING);
          };
          const loss = (of: Record<string, Values>): number => {
            const { y, sum } = forward(of);
            return [...y.data].reduce((total, v, i) => {
              return total + v * dy.data[i] + (sum?.data[i] ?? 0) * dSum.data[i];
            }, 0);
          };
          const { residual, ...others } = inputs;
          const { sum } = forward(inputs);
          const made = BACKWARD[`${name}Backward`](dy, {
            ...all,
            ...others,
            x: inputs.x,
            sum,
            dSum,
          });
          expect(Object.keys(made).sort()).toEqual(Object.values(GRADIENTS).sort());
          for (const [input, gradient] of Object.entries(GRADIENTS)) {
            const { shape, data } = inputs[input];
            expect(made[gradient].shape, gradient).toEqual(shape);
            made[gradient].data.forEach((given, i) => {
              const at = (by: number) => {
                const moved = Float64Array.from(data, (v, k) => (k === i ? v + by : v));
                return loss({ ...inputs, [input]: { shape, data: moved } });
              };
              const slope = (at(STEP) - at(-STEP)) / (2 * STEP);
              const off = Math.abs(given - slope);
              expect(off, `${gradient}[${i}]`).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
            });
          }
        });
      }
    }
  }
});
