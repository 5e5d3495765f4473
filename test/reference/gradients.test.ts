// These tests compare the reference of the gradients with differences of the forward reference, and
// both with PyTorch in float64.

import { describe, expect, test } from "vitest";
import { activations, erf, erfc } from "../support/activations";
import { otherAxes, type Values } from "../support/arrays";
import {
  ACTIVATIONS,
  type Arrays,
  type Case,
  makers,
  normals,
  type Options,
  PLAIN,
  randomCase,
  running,
} from "../support/gradient_cases";
import { operations } from "../support/operations";
import { referenceOf } from "../support/problem";
import { Random } from "../support/random";
import { problemOf } from "../support/vectors";
import { type FamilyVector, familyVectors } from "../support/vectors_family";
import { BACKWARD } from "./backward";
import type { BackwardOptions, Gradients } from "./chain";
import { FORWARD, mergeMoments } from "./family";
import { maskedForward } from "./masked";
import { mean, moments, std, variance } from "./norms";

const SHAPES = 20;
const REDUCTIONS = ["mean", "variance", "std", "moments"] as const;
const DIFFERENTIABLE = {
  x: "dx",
  weight: "dWeight",
  bias: "dBias",
  scale: "dScale",
  shift: "dShift",
  residualBias: "dResidualBias",
  threshold: "dThreshold",
  alpha: "dAlpha",
  offset: "dOffset",
  slope: "dSlope",
} as const;

const largest = ({ data }: Values) =>
  [...data].reduce((most, v) => Math.max(most, Math.abs(v) || 0), 0);

function agree(title: string, results: Arrays, expected: Arrays, bound: (e: Values) => number) {
  for (const [name, e] of Object.entries(expected)) {
    expect(results[name]?.shape, `${title}: shape of ${name}`).toEqual(e.shape);
    const within = bound(e);
    e.data.forEach((v, i) => {
      const given = results[name].data[i];
      const close = Object.is(given, v) || Math.abs(given - v) <= within;
      if (!close)
        expect.fail(`${title}: ${name}[${i}] is ${given}, expected ${v} within ${within}`);
    });
  }
}

// The errors that rounding makes are relative to what is handled: see reference.test.ts. A gradient
// has 1 / deviation of x in it, which costs the digits of x that the mean takes.
const ofVector = ({ inputs }: FamilyVector) => {
  const handled = Math.max(1, ...Object.values(inputs).map(largest));
  return (expected: Values) => 1e-12 * Math.max(1, 1e-2 * handled, largest(expected));
};

describe("the reference agrees with PyTorch", () => {
  const names = [...Object.keys(FORWARD), ...Object.keys(BACKWARD), ...REDUCTIONS]; // with masks
  for (const name of names) {
    const own = familyVectors.filter(({ op }) => op === name);
    test(`${name} (${own.length} vectors)`, () => {
      expect(own.length).toBeGreaterThan(0);
      for (const vector of own) agree(vector.id, given(vector), vector.outputs, ofVector(vector));
    });
  }

  test("of every vector", () => {
    expect(familyVectors.filter(({ op }) => !names.includes(op))).toEqual([]);
  });
});

function given(vector: FamilyVector): Arrays {
  const { op, options, inputs } = vector;
  if (op in BACKWARD) return backward(op, options, inputs);
  if (inputs.mask) return referenceOf(problemOf(vector));
  const { x, ...parameters } = inputs;
  return forward(op, x, { ...options, ...parameters });
}

function forward(op: string, x: Values, options: Options): Arrays {
  const isGated = ["gate", "skip", "residualGate"].some((name) => name in options);
  if (!isGated) return FORWARD[op](x, options as never) as object as Arrays;
  const row = operations.find(({ name }) => name === op);
  const grouping = row?.grouping(x.shape, options) ?? { shape: x.shape, axes: [] };
  return maskedForward(op, x, options, grouping) as object as Arrays;
}

function backward(op: string, options: Options, { dMean, ...others }: Arrays): Gradients {
  const { dy = dMean, ...inputs } = others;
  return BACKWARD[op](dy, { ...options, ...inputs } as unknown as BackwardOptions);
}

/** How sum(dy * y) + sum(dSum * sum) changes with each element of an input. */
function slopes(op: string, { options, inputs }: Case, name: string, dy: Values, dSum?: Values) {
  const v = inputs[name];
  const results = (index: number, step: number) => {
    const data = Float64Array.from(v.data, (value, i) => (i === index ? value + step : value));
    const { x, ...parameters } = { ...inputs, [name]: { shape: v.shape, data } };
    return forward(op, x, { ...options, ...parameters, residualOut: true });
  };
  const data = Float64Array.from(v.data, (value, index) => {
    const step = 1e-6 * Math.max(1, Math.abs(value));
    const more = results(index, step);
    const less = results(index, -step);
    const change = (d: Values, a: Values, b: Values) =>
      [...d.data].reduce((sum, weight, i) => sum + weight * (a.data[i] - b.data[i]), 0);
    const ofSum = dSum ? change(dSum, more.sum, less.sum) : 0;
    return (change(dy, more.y, less.y) + ofSum) / (2 * step);
  });
  return { shape: v.shape, data };
}

function checkDifferences(op: string, seed: number): void {
  const random = new Random(seed);
  const problem = randomCase(op, random, seed);
  const { x, residual, ...parameters } = problem.inputs;
  const dy = normals(random, x.shape);
  const dSum = PLAIN.includes(op) || random.chance(0.5) ? undefined : normals(random, x.shape);
  const named = Object.entries(DIFFERENTIABLE).filter(([name]) => name in problem.inputs);
  const expected = Object.fromEntries(
    named.map(([name, gradient]) => [gradient, slopes(op, problem, name, dy, dSum)]),
  );
  const sum = PLAIN.includes(op) ? x : summedOf(op, problem);
  const inputs = { dy, ...parameters, x: sum, ...(dSum && { dSum }) };
  const results = backward(`${op}Backward`, problem.options, inputs);
  expect(Object.keys(results).sort()).toEqual(Object.keys(expected).sort());
  const shapes = Object.entries(problem.inputs).map(([name, v]) => `${name} [${v.shape}]`);
  const title = `${op} ${JSON.stringify(problem.options)} ${shapes.join(", ")}, seed ${seed}`;
  agree(title, results, expected, (e) => 1e-6 * Math.max(1, largest(e)));
}

function summedOf(op: string, { options, inputs: { x, ...parameters } }: Case): Values {
  return forward(op, x, { ...options, ...parameters, residualOut: true }).sum;
}

const references = { mean, variance, std, moments };

/** How sum(dy * statistic), summed over the statistics, changes with each element of x. */
function checkReduction(op: (typeof REDUCTIONS)[number], seed: number): void {
  const random = new Random(seed);
  const x = normals(random, [3, 1 + random.below(4), 4], random.pick([0, 2]));
  const axes = random.pick([[0], [2], [0, 2], [-1, 0, 1], undefined]);
  const correction = random.pick([0, 1, 0.5]);
  const options = { axes, keepdim: random.chance(0.5), ...(op !== "moments" && { correction }) };
  const statistics = (data: Values["data"]): Values[] => {
    const made = references[op]({ shape: x.shape, data }, options);
    return "data" in made ? [made] : [made.mean, made.variance];
  };
  const arriving = statistics(x.data).map(({ shape }) => normals(random, shape));
  const total = (data: Values["data"]) =>
    statistics(data).reduce((sum, { data: own }, k) => {
      return sum + [...own].reduce((all, v, i) => all + v * arriving[k].data[i], 0);
    }, 0);
  const moved = (i: number, step: number) => x.data.map((v, k) => (k === i ? v + step : v));
  const slopes = x.data.map((_, i) => (total(moved(i, 1e-6)) - total(moved(i, -1e-6))) / 2e-6);
  const [dy, dVariance] = arriving;
  const { dx } = backward(`${op}Backward`, options, { dy, x, ...(dVariance && { dVariance }) });
  const expected = { shape: x.shape, data: Float64Array.from(slopes) };
  agree(`${op}, seed ${seed}`, { dx }, { dx: expected }, (e) => 1e-6 * Math.max(1, largest(e)));
}

describe("the gradients are what differences of the operations come to", () => {
  for (const op of Object.keys(makers)) {
    test(`${op} (${SHAPES} shapes)`, () => {
      for (let seed = 0; seed < SHAPES; seed++) checkDifferences(op, seed);
    });
  }

  test.each(REDUCTIONS)("%s", (op) => {
    for (let seed = 0; seed < SHAPES; seed++) checkReduction(op, seed);
  });

  test("of every operation that has them", () => {
    const named = [...Object.keys(makers), ...REDUCTIONS].map((op) => `${op}Backward`);
    expect(named.sort()).toEqual(Object.keys(BACKWARD).sort());
  });
});

test("only the gradients that are asked for are given", () => {
  const random = new Random(0);
  const [dy, x] = [normals(random, [2, 3]), normals(random, [2, 3])];
  const [weight, bias] = [normals(random, [3]), normals(random, [3])];
  const options = { x, weight, bias, normalizedShape: [3] };
  const results = BACKWARD.layerNormBackward(dy, { ...options, gradients: ["dBias"] });
  expect(Object.keys(results)).toEqual(["dBias"]);
});

test("erf and erfc have the digits of the C library's", () => {
  const known = [
    [0, 0, 1],
    [0.1, 0.1124629160182849, 0.8875370839817152],
    [0.5, 0.5204998778130465, 0.4795001221869535],
    [1, 0.8427007929497149, 0.15729920705028513],
    [2, 0.9953222650189527, 0.004677734981047265],
    [3.5, 0.9999992569016276, 7.430983723414128e-7],
    [5, 0.9999999999984626, 1.5374597944280351e-12],
    [8, 1, 1.1224297172982928e-29],
  ];
  for (const [x, integral, rest] of known) {
    expect(Math.abs(erf(x) - integral)).toBeLessThanOrEqual(1e-15 * integral);
    expect(Math.abs(erfc(x) - rest)).toBeLessThanOrEqual(1e-14 * rest);
    expect(erf(-x)).toBe(-erf(x));
    expect(erfc(-x)).toBe(2 - erfc(x));
  }
});

/** Value and slope at 1000, then at -1000. */
const TAILS: Partial<Record<string, readonly number[]>> = {
  tanh: [1, 0, -1, 0],
  sigmoid: [1, 0, 0, 0],
  hardSigmoid: [1, 0, 0, 0],
  leakyRelu: [1000, 1, -10, 0.01],
  relu6: [6, 0, 0, 0],
  relu2: [1e6, 2000, 0, 0],
};

describe("activations", () => {
  test("have their limits in the tails, and slopes of 0 or 1 there", () => {
    for (const activation of ACTIVATIONS) {
      const { value, slope } = activations[activation];
      const [above, steep, below, flat] = TAILS[activation] ?? [1000, 1, 0, 0];
      expect(value(1000), activation).toBe(above);
      expect(value(-1000), activation).toBeCloseTo(below, 15);
      expect(slope(1000), activation).toBe(steep);
      expect(slope(-1000), activation).toBeCloseTo(flat, 15);
    }
  });

  test("gelu and geluTanh do not cancel", () => {
    expect(activations.gelu.value(-8) / -4.9767684594174555e-15).toBeCloseTo(1, 13);
    expect(activations.geluTanh.value(-6)).toBeLessThan(0);
  });
});

test("moments of parts merge to those of the whole", () => {
  const random = new Random(1);
  for (const offset of [0, 1e6]) {
    const whole = normals(random, [7, 3, 4], offset);
    const axes = [0, 2];
    const parts = [
      [0, 1],
      [1, 4],
      [4, 7],
    ].map(([from, to]) => {
      const data = whole.data.slice(from * 12, to * 12);
      return moments({ shape: [to - from, 3, 4], data }, { axes });
    });
    const { count, ...merged } = mergeMoments(parts);
    const { count: total, ...expected } = moments(whole, { axes });
    expect(count).toBe(total);
    agree(`offset ${offset}`, merged, expected, () => 1e-13 * Math.max(1, offset));
  }
});

test("an evaluated batchNorm has constants for statistics, a trained one its batch", () => {
  const random = new Random(2);
  const [dy, x] = [normals(random, [4, 3, 2]), normals(random, [4, 3, 2])];
  const statistics = running(random, x.shape, {});
  const evaluated = BACKWARD.batchNormBackward(dy, { x, ...statistics }).dx;
  const trained = BACKWARD.batchNormBackward(dy, { x, ...statistics, training: true }).dx;
  expect(moments(trained, { axes: otherAxes(x.shape, [1]) }).mean.data.map(Math.abs)).toSatisfy(
    (means: Float64Array) => means.every((m) => m < 1e-15),
  );
  expect(evaluated.data[0]).toBeCloseTo(
    dy.data[0] / Math.sqrt(statistics.runningVar.data[0] + 1e-5),
    14,
  );
});
