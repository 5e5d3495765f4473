// A statistic is what the values of a set share, two numbers, and the formula that applies them to
// each value. All here is float64 and written to be read: it judges the GPU.

export type StatisticId =
  | "moments"
  | "deviation"
  | "meanSquare"
  | "norm"
  | "softmax"
  | "logSoftmax"
  | "window"
  | "renorm"
  | "response"
  | "outside"
  | "tanh";

/** The two numbers that a set shares. */
type Shared = readonly [number, number];

export interface Statistic {
  /** Returns what these values share. */
  readonly of: (values: readonly number[], eps: number) => Shared;
  readonly apply: (x: number, shared: Shared) => number;
  /** States the formula with one value's numbers, as text. */
  readonly words: (x: string, a: string, b: string) => string;
  /** The formula in general. */
  readonly formula: string;
  /** The names of the two numbers; an empty one is not shown. */
  readonly names: readonly [string, string];
}

const mean = (values: readonly number[]): number => {
  const pivot = values[0] ?? 0; // at an offset of 1e6 even a float64 sum would lose digits
  return pivot + values.reduce((sum, value) => sum + (value - pivot), 0) / values.length;
};

const variance = (values: readonly number[], around: number): number =>
  values.reduce((sum, value) => sum + (value - around) ** 2, 0) / values.length;

const meanSquare = (values: readonly number[]): number => variance(values, 0);

const centred = {
  apply: (x: number, [a, b]: Shared) => (x - a) / b,
  words: (x: string, a: string, b: string) => `(${x} − ${a}) / ${b}`,
};

const scaled = {
  apply: (x: number, [, b]: Shared) => x / b,
  words: (x: string, _: string, b: string) => `${x} / ${b}`,
};

/** What comes from outside: a running mean and variance, in the page the same for every channel. */
export const OUTSIDE = { mean: 0.45, variance: 0.05 } as const;
export const RENORM = { rMax: 1.25, dMax: 0.5 } as const;
export const WINDOW = { size: 3, alpha: 3, beta: 0.75, k: 1 } as const;
export const TANH_ALPHA = 1.5;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export const STATISTICS: Readonly<Record<StatisticId, Statistic>> = {
  moments: {
    ...centred,
    of: (values, eps) => {
      const a = mean(values);
      return [a, Math.sqrt(variance(values, a) + eps)];
    },
    formula: "(x − mean) / √(variance + eps)",
    names: ["mean", "deviation"],
  },
  deviation: {
    ...centred,
    of: (values, eps) => {
      const a = mean(values);
      return [a, Math.sqrt(variance(values, a)) + eps];
    },
    formula: "(x − mean) / (deviation + eps)",
    names: ["mean", "deviation"],
  },
  meanSquare: {
    ...scaled,
    of: (values, eps) => [0, Math.sqrt(meanSquare(values) + eps)],
    formula: "x / √(mean of x² + eps)",
    names: ["", "root mean square"],
  },
  norm: {
    ...scaled,
    // as PyTorch's normalize: a vector of zeros stays one
    of: (values) => [0, Math.max(1e-12, Math.sqrt(values.reduce((sum, x) => sum + x * x, 0)))],
    formula: "x / √(sum of x²)",
    names: ["", "length"],
  },
  softmax: {
    of: (values) => {
      const a = values.reduce((most, x) => Math.max(most, x), -Infinity);
      return [a, values.reduce((sum, x) => sum + Math.exp(x - a), 0)];
    },
    apply: (x, [a, b]) => Math.exp(x - a) / b,
    words: (x, a, b) => `exp(${x} − ${a}) / ${b}`,
    formula: "exp(x − maximum) / sum",
    names: ["maximum", "sum"],
  },
  logSoftmax: {
    of: (values, eps) => STATISTICS.softmax.of(values, eps),
    apply: (x, [a, b]) => x - a - Math.log(b),
    words: (x, a, b) => `${x} − ${a} − log ${b}`,
    formula: "x − maximum − log(sum)",
    names: ["maximum", "sum"],
  },
  window: {
    ...scaled,
    of: (values) => {
      const squares = values.reduce((sum, x) => sum + x * x, 0);
      const { size, alpha, beta, k } = WINDOW;
      return [0, (k + (alpha / size) * squares) ** beta];
    },
    formula: "x / (1 + sum of x² over 3 channels)^0.75",
    names: ["", "divisor"],
  },
  renorm: {
    ...centred,
    // ((x - mean) / s) r + d = (x - a) / b
    of: (values, eps) => {
      const [m, s] = STATISTICS.moments.of(values, eps);
      const outside = Math.sqrt(OUTSIDE.variance + eps);
      const r = clamp(s / outside, 1 / RENORM.rMax, RENORM.rMax);
      const d = clamp((m - OUTSIDE.mean) / outside, -RENORM.dMax, RENORM.dMax);
      return [m - (d * s) / r, s / r];
    },
    formula: "(x − mean) / deviation · r + d",
    names: ["mean, pulled", "deviation, pulled"],
  },
  response: {
    ...scaled,
    of: () => {
      throw new Error("response has two levels: see response.ts");
    },
    words: (x, _, b) => `${x} / ${b} + ${x}`,
    apply: (x, [, b]) => x / b + x,
    formula: "x · length / mean length + x",
    names: ["", "mean length / length"],
  },
  outside: {
    ...centred,
    of: (_, eps) => [OUTSIDE.mean, Math.sqrt(OUTSIDE.variance + eps)],
    formula: "(x − running mean) / √(running variance + eps)",
    names: ["running mean", "running deviation"],
  },
  tanh: {
    of: () => [0, TANH_ALPHA],
    apply: (x, [, b]) => Math.tanh(b * x),
    words: (x, _, b) => `tanh(${b} · ${x})`,
    formula: "tanh(alpha · x)",
    names: ["", "alpha"],
  },
};
