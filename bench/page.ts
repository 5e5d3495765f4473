// The benchmark itself, in a page: each operation is checked against float64, then timed in turns with
// a plain copy of the same bytes. Leaves its report in globalThis.benchReport.

import { copyKernel, type Encode, timeInTurns } from "../demo/timing";
import { type Context, createContext, type Tensor } from "../src/index";
import type { DType } from "../src/types";
import type { Values } from "../test/arrays";
import { rounded, WORKLOADS, type Workload } from "./workloads";

export interface Row {
  name: string;
  shape: readonly number[];
  ms: number;
  /** One read and one write of x over that time. */
  gbs: number;
  copyMs: number;
  /** Time over that of the copy of an f32 tensor of this shape. */
  multiple: number;
  /** Largest difference of any result from float64, relative to the largest value (at least 1). */
  maxError: number;
}

export interface BenchReport {
  adapter: string;
  software: boolean;
  userAgent: string;
  date: string;
  rows: Row[];
  error?: string;
}

/** Of the largest expected value, beside what a type of 11 or 8 bits rounds: a unit in the last place. */
const ALLOWED = { f32: 3e-6, f16: 2 ** -10, bf16: 2 ** -7 };

function say(text: string): void {
  const line = document.createElement("li");
  line.textContent = text;
  document.body.append(line);
}

/** Normal deviates, the same in every run (Park & Miller's generator, Box & Muller's transform). */
function normals(count: number, offset: number): Float32Array<ArrayBuffer> {
  let state = 20261122;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return Float32Array.from({ length: count }, () => {
    return offset + Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  });
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Parameters near what they are after some training; the rest is like x. */
function valuesFor(name: string, shape: readonly number[], like: readonly number[]): Float32Array {
  const normal = normals(product(shape), 0);
  if (String(shape) === String(like)) return normal;
  const around = (offset: number) => normal.map((v) => offset + 0.1 * v);
  if (name === "weight") return around(1);
  if (name === "runningMean") return around(0.5);
  return name === "runningVar" ? normal.map((v) => 1 + 0.01 * v * v) : around(0);
}

interface Inputs {
  x: Values;
  given: Record<string, Values>;
  typeOf: (name: string) => DType;
}

function inputs({ shape, inputs: others, dtype }: Workload): Inputs {
  const isLikeX = (name: string) => name === "x" || String(others[name]) === String(shape);
  const typeOf = (name: string) => (isLikeX(name) ? dtype : "f32");
  const x = { shape, data: rounded(normals(product(shape), 0.5), dtype) };
  const given = Object.entries(others).map(([name, own]) => {
    return [name, { shape: own, data: rounded(valuesFor(name, own, shape), typeOf(name)) }];
  });
  return { x, given: Object.fromEntries(given), typeOf };
}

/** Relative to the largest expected value. */
function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  let size = 0;
  for (let i = 0; i < actual.length; i++) size = Math.max(size, Math.abs(expected[i]));
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= largest)) largest = difference; // NaN too
  }
  return largest / Math.max(size, 1);
}

async function measure(ctx: Context, workload: Workload): Promise<Row> {
  const { name, shape, dtype } = workload;
  const { x, given, typeOf } = inputs(workload);
  const upload = (values: Values, dtype: DType) =>
    ctx.tensor(values.data as Float32Array, [...values.shape], { dtype });
  const input = upload(x, dtype);
  const entries = Object.entries(given).map(([key, value]) => [key, upload(value, typeOf(key))]);
  const tensors = Object.fromEntries(entries) as Record<string, Tensor>;
  const out = ctx.empty(shape, { dtype });
  // the copy is of f32, whatever the type: what halves the bytes may be faster
  const [plain, copied] = [ctx.empty(shape), ctx.empty(shape)];

  const expected = workload.expected(x, given);
  const results = workload.run(input, tensors, out);
  let maxError = 0;
  for (const [key, { data }] of Object.entries(expected)) {
    const error = largestDifference(await results[key].read(), data);
    if (!(error <= ALLOWED[dtype]))
      throw new Error(`${name} [${shape}]: ${key} is off by ${error}`);
    maxError = Math.max(maxError, error);
  }
  for (const tensor of Object.values(results)) if (tensor !== out) tensor.destroy();

  const ours: Encode = (repeats) =>
    ctx.batch(() => {
      for (let i = 0; i < repeats; i++) {
        const made = Object.values(workload.run(input, tensors, out));
        for (const tensor of made) if (tensor !== out) tensor.destroy();
      }
    });
  const copy = copyKernel(ctx.device, plain, copied);
  const [own, copying] = await timeInTurns(ctx, [ours, copy], 4 * input.size, () => {});
  for (const tensor of [input, out, plain, copied, ...Object.values(tensors)]) tensor.destroy();
  return {
    name,
    shape,
    ms: own.ms,
    gbs: own.gbs,
    copyMs: copying.ms,
    multiple: own.ms / copying.ms,
    maxError,
  };
}

async function main(): Promise<BenchReport> {
  const ctx = await createContext();
  const { name: adapter, software } = ctx.profile;
  const facts = {
    adapter,
    software,
    userAgent: navigator.userAgent,
    date: new Date().toISOString(),
  };
  const rows: Row[] = [];
  const only = new URLSearchParams(location.search).get("only") ?? "";
  for (const workload of WORKLOADS) {
    const title = `${workload.name} [${workload.shape.join(", ")}]`;
    if (!title.toLowerCase().includes(only.toLowerCase())) continue;
    say(title);
    try {
      rows.push(await measure(ctx, workload));
    } catch (error) {
      return { ...facts, rows, error: String(error) };
    }
  }
  await ctx.sync();
  return { ...facts, rows };
}

main()
  .catch((error) => ({ rows: [], error: String(error) }))
  .then((report) => Object.assign(globalThis, { benchReport: report }));
