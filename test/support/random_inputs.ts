// This file makes values for the inputs of a problem, by their names.

import type { DType } from "../../src/index";
import { product } from "./arrays";
import type { Inputs, Shape } from "./problem";
import type { Random } from "./random";

type Maker = (length: number) => Float32Array;

/**
 * Normal values at an offset, half of the time with a drift, so that parts of a group have means of
 * their own; running statistics near those of x, so that outputs stay near 1.
 */
export function randomInputs(
  random: Random,
  shape: Shape,
  parameters: Record<string, Shape>,
  stored: DType = "f32",
): Inputs {
  const [offsets, deviations] = SPREADS[stored] ?? HALVES;
  const offset = random.pick(offsets);
  const deviation = random.pick(deviations);
  const drift = random.pick([0, 0, 4, -4]) * deviation;
  const data = makers(random, offset, deviation);
  const others = Object.entries(parameters).map(([name, own]) => {
    return [name, { shape: own, data: data[name](product(own)) }] as const;
  });
  const normals = random.normals(product(shape), offset, deviation);
  const x = { shape, data: normals.map((v, i) => v + (drift * i) / normals.length) };
  return { x, ...Object.fromEntries(others) };
}

type Spread = readonly [offsets: readonly number[], deviations: readonly number[]];

const HALVES: Spread = [
  [0, 0, 1, -30], // they have few digits to lose
  [1, 1, 30],
];

const SPREADS: { readonly [K in DType]?: Spread } = {
  f32: [
    [0, 0, 1, -30, 1e2, 1e4],
    [1, 1, 1e-2, 30],
  ],
  u8: [
    [100, 128, 250],
    [2, 40, 400], // the last one: ends of the range alone
  ],
  i8: [
    [0, 5, -100],
    [2, 30, 400],
  ],
  u16: [
    [300, 30000, 65500],
    [5, 300, 9000],
  ],
};

function makers(random: Random, offset: number, deviation: number): Record<string, Maker> {
  const between = (low: number, high: number, factor = 1): Maker => {
    return (length) => Float32Array.from({ length }, () => random.between(low, high) * factor);
  };
  const normal = (mean: number, std: number): Maker => {
    return (length) => random.normals(length, mean, std);
  };
  const ofMean = normal(offset, deviation);
  const ofVariance = between(0.3, 3, deviation ** 2);
  return {
    weight: (length) => between(0.5, 2)(length).map((v) => v * random.pick([1, -1])),
    bias: normal(0, 1),
    threshold: normal(0, 0.5),
    slope: between(-0.5, 1),
    offset: normal(0, 0.5),
    alpha: between(0.3, 1.5, 1 / Math.max(1, deviation)),
    runningMean: ofMean,
    runningVar: ofVariance,
    mean: ofMean,
    variance: ofVariance,
    residual: normal(0, deviation),
    residualBias: normal(0, deviation),
    scale: normal(0, 0.5),
    shift: normal(0, 1),
    dy: normal(0, 1),
    dMean: normal(0, 1),
    dVariance: normal(0, 1),
    dSum: normal(0, 1),
    sum: ofMean,
    gate: normal(0, 1.5),
    skip: normal(0, 1),
    skipGate: normal(0, 1),
    residualGate: normal(0, 1),
    mask: (length) => {
      const share = random.pick([0.2, 0.7, 0.95]);
      const weights = random.pick([[1], [1], [0.5, 1, 1.5, 3]]);
      return Float32Array.from({ length }, () => (random.chance(share) ? random.pick(weights) : 0));
    },
  };
}
