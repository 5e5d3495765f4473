// These tests run the activations' shader files alone, against float64 functions, on all
// magnitudes.

import { describe, expect } from "vitest";
import { withDerivative } from "../../src/wgsl/activation_gradients";
import { ACTIVATION_NUMBERS, ACTIVATIONS, type ActivationName } from "../../src/wgsl/activations";
import { vectorRows4 } from "../../src/wgsl/files";
import type { Fragment } from "../../src/wgsl/link";
import { activationOf } from "../support/activations";
import { test } from "../support/fixture";
import { runKernel } from "../support/run_kernel";

const UNIT = 2 ** -24;

/** What the files expect of parameters.wgsl. */
const parametersOf = ({ alpha = 0.2, beta = 0 }: Readonly<Record<string, number>>): Fragment => ({
  name: "parameters",
  text: `
    struct Params { alpha: f32, beta: f32 }
    const params = Params(${alpha}, ${beta});
    struct Parameters { weight: Vec, slope: Vec }
    fn parameters() -> Parameters { return Parameters(Vec(0.0), Vec(params.alpha)); }`,
});

/** The largest numbers, 0 and subnormals, which a device may take for 0. */
const ENDS = [3.4e38, -3.4e38, 0, -0, 1e-40, -1e-40];

/** Dense where something happens, and every power of two. */
function inputs(): Float32Array<ArrayBuffer> {
  const near = Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1000);
  const far = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 5);
  const powers = Array.from({ length: 254 }, (_, i) => 2 ** (i - 126));
  const all = [...near, ...far, ...powers, ...powers.map((v) => -v), 1e30, -1e30, 0.625, ...ENDS];
  return Float32Array.from([...all.slice(all.length % 4)]);
}

async function evaluated(
  device: GPUDevice,
  name: ActivationName,
  values: Float32Array<ArrayBuffer>,
) {
  const body = `
    output[2u * i] = activation(input[i], parameters());
    output[2u * i + 1u] = activationSlope(input[i], parameters());`;
  const kernel = { body, input: "vec4f", output: "vec4f" };
  const { files } = withDerivative({ name, files: ACTIVATIONS[name] });
  const count = values.length / 4;
  const data = new Uint32Array(values.buffer);
  const words = await runKernel(
    device,
    [vectorRows4, parametersOf(ACTIVATION_NUMBERS[name] ?? {}), ...files],
    kernel,
    data,
    count,
    8 * count,
  );
  const floats = new Float32Array(words.buffer);
  const of = (from: number) => values.map((_, i) => floats[8 * (i >> 2) + from + (i & 3)]);
  return { value: of(0), slope: of(4) };
}

type What = "value" | "slope";

/**
 * The exponential of z is good to about |z| units, that of z^2 to z^2, and nothing is below 2^-126,
 * times a z of at most 88; slopes pass through 0, so that theirs is absolute.
 */
function tolerance(what: What, right: number, z: number): number {
  if (what === "slope") return 16 * UNIT * Math.max(1, Math.abs(right));
  return (
    4 * UNIT * (16 + Math.min(z * z, 169)) * Math.abs(right) +
    2e-38 * Math.min(Math.max(1, Math.abs(z)), 88)
  );
}

/** These have other limits than a gate that opens: at infinity, at minus infinity. */
const LIMITS: Partial<Record<ActivationName, readonly [above: number, below: number]>> = {
  relu: [Infinity, 0],
  tanh: [1, -1],
  sigmoid: [1, 0],
  leakyRelu: [Infinity, -Infinity],
  prelu: [Infinity, -Infinity],
  relu6: [6, 0],
  relu2: [Infinity, 0],
  hardSigmoid: [1, 0],
  softplus: [Infinity, 0],
};

/** The slopes of these are constants, also of NaN; that of a square is no constant. */
const STEPS: readonly ActivationName[] = ["relu", "leakyRelu", "prelu", "relu6", "hardSigmoid"];
const PRODUCTS: readonly ActivationName[] = ["relu2"];

describe.each(Object.keys(ACTIVATIONS) as ActivationName[])("%s", (name) => {
  const plain = name === "prelu" ? "leakyRelu" : name;
  const numbers = Object.entries(ACTIVATION_NUMBERS[name] ?? {});
  const inF32 = Object.fromEntries(numbers.map(([key, v]) => [key, Math.fround(v)]));
  const own = name === "prelu" ? Math.fround(0.2) : undefined;
  const right = activationOf(numbers.length > 0 ? { name: plain, ...inF32 } : plain, own);

  test("value and slope agree with float64", async ({ device }) => {
    const z = inputs();
    const given = await evaluated(device, name, z);
    const wrong = (["value", "slope"] as const).flatMap((what) =>
      [...given[what]].flatMap((v, i) => {
        const wanted = right[what](z[i]);
        const sum = name === "hardSigmoid" ? UNIT : 0; // of terms that cancel
        if (Math.abs(v - wanted) <= tolerance(what, wanted, z[i]) + sum) return [];
        if (Math.abs(z[i]) < 2 ** -126 && v === right[what](0)) return [];
        if (Math.abs(wanted) > 3.4e38 && v === Infinity) return [];
        return [`${what} at ${z[i]} is ${v}, expected ${wanted}`];
      }),
    );
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  test("NaN and infinities stay visible, or are their limits", async ({ device }) => {
    const { value, slope } = await evaluated(
      device,
      name,
      Float32Array.of(NaN, Infinity, -Infinity, 0),
    );
    const [above, below] = LIMITS[name] ?? [Infinity, NaN]; // -infinity times 0, as in PyTorch
    expect(value[0]).toBeNaN();
    if (!STEPS.includes(name)) expect(slope[0]).toBeNaN();
    expect(value[1]).toBe(above);
    if (Number.isFinite(below)) expect(value[2]).toBeCloseTo(below, 30);
    else expect(value[2]).toBe(below);
    if (PRODUCTS.includes(name)) return;
    expect(slope[1]).toBeCloseTo(right.slope(1000), 30);
    expect(slope[2]).toBeCloseTo(right.slope(-1000), 30);
  });
});
