// This program measures the error of mean and variance against the number of elements: of sums in f32, as a loop
// adds them, of such sums in float64, and of this library. The truth are sums of two float64 each, whose squares are
// whole numbers of f32 and therefore exact. bench/scale.mjs runs it and draws the figure.

import { parseArgs } from "node:util";
import { type Context, moments } from "../../src/index";
import { type Machine, machineOf, openContext, print } from "./device";

const CHUNK = 1_000_000;
const LENGTHS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

export type Way = "f32, one after the other" | "float64" | "webgpu-norm";

export interface Row {
  readonly length: number;
  readonly way: Way;
  /** |mean - exact| / deviation */
  readonly mean: number;
  /** |variance - exact| / exact */
  readonly variance: number;
}

export interface Errors extends Machine {
  readonly rows: readonly Row[];
}

/** Normal deviates of mean 0.5 and deviation 0.25, in f32: Park and Miller's generator, Box and Muller's transform. */
function pixels(seed: number) {
  let state = seed;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return (): number => {
    const length = Math.sqrt(-2 * Math.log(uniform()));
    return Math.fround(0.5 + 0.25 * length * Math.cos(2 * Math.PI * uniform()));
  };
}

interface Sums {
  sum: number;
  squares: number;
}

/** Mean and variance as E[x] and E[x^2] - E[x]^2, each step rounded by `f`. */
function textbook({ sum, squares }: Sums, length: number, f: (value: number) => number) {
  const mean = f(sum / length);
  return { mean, variance: f(f(squares / length) - f(mean * mean)) };
}

/** A sum of float64 and what it has lost (Neumaier 1974). */
class ExactSum {
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    const larger = Math.abs(this.#sum) >= Math.abs(value);
    this.#lost += larger ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  /** In whole numbers of 2^-200. */
  get whole(): bigint {
    return BigInt(this.#sum * 2 ** 200) + BigInt(Math.trunc(this.#lost * 2 ** 200));
  }
}

const quotient = (a: bigint, b: bigint) => Number((a << 200n) / b) / 2 ** 200;

/** Mean and variance, each rounded once: n Q - S^2 is exact. */
function exact(sum: ExactSum, squares: ExactSum, length: number) {
  const [n, unit] = [BigInt(length), 1n << 200n];
  const spread = n * squares.whole * unit - sum.whole * sum.whole;
  return {
    mean: quotient(sum.whole, n * unit),
    variance: quotient(spread, n * n * unit * unit),
  };
}

async function measured(ctx: Context, length: number): Promise<Row[]> {
  const next = pixels(20261126);
  const x = ctx.empty([length]);
  const single: Sums = { sum: 0, squares: 0 };
  const double: Sums = { sum: 0, squares: 0 };
  const [sum, squares] = [new ExactSum(), new ExactSum()];
  for (let first = 0; first < length; first += CHUNK) {
    const chunk = new Float32Array(Math.min(CHUNK, length - first));
    for (let i = 0; i < chunk.length; i++) {
      const value = next();
      const square = value * value; // exact in float64
      chunk[i] = value;
      sum.add(value);
      squares.add(square);
      single.sum = Math.fround(single.sum + value);
      single.squares = Math.fround(single.squares + Math.fround(square));
      double.sum += value;
      double.squares += square;
    }
    ctx.device.queue.writeBuffer(x.buffer, 4 * first, chunk);
  }
  const truth = exact(sum, squares, length);
  const found = moments(x, { axes: [0] });
  if (!found.meanPair) throw new Error("moments of f32 come without their pair");
  const [pair, variance] = [await found.meanPair.read(), await found.variance.read()];
  x.destroy();
  const ways: Record<Way, { mean: number; variance: number }> = {
    "f32, one after the other": textbook(single, length, Math.fround),
    float64: textbook(double, length, (value) => value),
    "webgpu-norm": { mean: pair[0] + pair[1], variance: variance[0] },
  };
  return Object.entries(ways).map(([way, { mean, variance }]) => ({
    length,
    way: way as Way,
    mean: Math.abs(mean - truth.mean) / Math.sqrt(truth.variance),
    variance: Math.abs(variance - truth.variance) / truth.variance,
  }));
}

async function main(): Promise<Errors> {
  const { values } = parseArgs({ options: { most: { type: "string", default: "1e8" } } });
  const ctx = await openContext();
  const rows: Row[] = [];
  for (const length of LENGTHS.filter((one) => one <= Number(values.most))) {
    rows.push(...(await measured(ctx, length)));
    console.error(`${length} elements`);
  }
  return { ...machineOf(ctx), rows };
}

print(main());
