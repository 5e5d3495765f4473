// These are sizes and values at which kernels break. The generic tests use them for every
// operation.

import type { Random } from "./random";

/** Elements of a group: both sides of vectors, workgroups and blocks. */
export const LENGTHS = [
  1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 767, 768,
  1023, 1024, 1025, 4095, 4096, 4097, 65535, 65536,
] as const;

/** Groups: both sides of vectors and of 65535, the most workgroups along a dimension. */
export const ROWS = [1, 2, 3, 4, 5, 31, 33, 65, 129, 65534, 65535, 65536, 65537] as const;

const MAX = 3.4028234663852886e38; // the largest float32

export interface ValueClass {
  readonly name: string;
  readonly fill: (length: number, random: Random) => ArrayLike<number>;
  /**
   * What a float32 sum of squares can say of it. "overflow": PyTorch in float32 gives an infinite
   * variance, rstd 0 and y = bias; that is right, and so is the exact result. "undefined": even the
   * mean overflows or not by the order of the sum; only the other groups are looked at.
   */
  readonly squares?: "overflow" | "undefined";
}

const shifted = (mean: number): ValueClass => ({
  name: `mean / deviation ${mean.toExponential(0)}`,
  fill: (length, random) => random.normals(length, mean, 1),
});

const constant = (value: number): ValueClass => ({
  name: `constant ${value}`,
  fill: (length) => new Array<number>(length).fill(value),
});

const scaled = (scale: number): ValueClass["fill"] => {
  return (length, random) => random.normals(length, 0, scale);
};

/** Normal values with others at some places: "first", "middle" and "last". */
const poisoned = (name: string, values: (length: number) => [number, number][]): ValueClass => ({
  name,
  fill: (length, random) => {
    const row = random.normals(length);
    for (const [at, value] of values(length)) row[at] = value;
    return row;
  },
});

const middle = (length: number) => Math.floor(length / 2);

export const VALUE_CLASSES: readonly ValueClass[] = [
  ...[1e2, 1e3, 1e4, 1e5, 1e6].map(shifted),
  ...[0, 0.1, -1e6, 1e30, MAX, 1e-40].map(constant),
  { name: "subnormal", fill: scaled(1e-40) },
  { name: "1e-22", fill: scaled(1e-22) },
  { name: "1e15", fill: scaled(1e15) },
  { name: "3e19", fill: scaled(3e19), squares: "overflow" },
  {
    name: "largest finite, both signs",
    fill: (length, random) => Float32Array.from({ length }, () => random.pick([MAX, -MAX])),
    squares: "undefined",
  },
  poisoned("+Infinity first", () => [[0, Infinity]]),
  poisoned("-Infinity last", (length) => [[length - 1, -Infinity]]),
  poisoned("both infinities", (length) => [
    [0, -Infinity],
    [length - 1, Infinity],
  ]),
  constant(Infinity),
  poisoned("NaN first", () => [[0, NaN]]),
  poisoned("NaN in the middle", (length) => [[middle(length), NaN]]),
  poisoned("NaN last", (length) => [[length - 1, NaN]]),
  poisoned("outlier 1e6 first", () => [[0, 1e6]]),
  poisoned("outlier 1e18 first", () => [[0, 1e18]]),
  { ...poisoned("outlier 1e30 first", () => [[0, 1e30]]), squares: "overflow" },
];
