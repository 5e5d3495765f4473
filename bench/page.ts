// The benchmark itself, in a page: each operation is checked against float64, then timed in turns with
// a plain copy of the same bytes. Leaves its report in globalThis.benchReport.

import { copyKernel, type Encode, timeInTurns } from "../demo/timing";
import { type Context, createContext, type Tensor } from "../src/index";
import type { Values } from "../test/arrays";
import { WORKLOADS, type Workload } from "./workloads";

export interface Row {
  name: string;
  shape: readonly number[];
  ms: number;
  /** One read and one write of x over that time. */
  gbs: number;
  copyMs: number;
  /** Time over that of the copy. */
  multiple: number;
  /** Largest difference from float64. */
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

const ALLOWED = 3e-6; // 2e-6 is promised at unit weight; weights reach 1.4 here

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

function inputs({ shape, parameters }: Workload) {
  const values = (data: Float32Array, shape: readonly number[]): Values => ({ data, shape });
  const vector = (offset: number) => {
    const small = normals(parameters, 0).map((v) => offset + 0.1 * v);
    return values(small as Float32Array<ArrayBuffer>, [parameters]);
  };
  const variances = vector(0).data.map((v) => 1 + v * v) as Float32Array;
  return {
    x: values(
      normals(
        shape.reduce((a, b) => a * b),
        0.5,
      ),
      shape,
    ),
    given: {
      weight: vector(1),
      bias: vector(0),
      runningMean: vector(0.5),
      runningVar: values(variances, [parameters]),
    },
  };
}

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= largest)) largest = difference; // NaN too
  }
  return largest;
}

async function measure(ctx: Context, workload: Workload): Promise<Row> {
  const { name, shape } = workload;
  const { x, given } = inputs(workload);
  const upload = ({ data, shape }: Values) => ctx.tensor(data as Float32Array, [...shape]);
  const input = upload(x);
  const entries = Object.entries(given).map(([key, value]) => [key, upload(value)]);
  const tensors = Object.fromEntries(entries) as Record<keyof typeof given, Tensor>;
  const [out, copied] = [ctx.empty(shape), ctx.empty(shape)];

  workload.run(input, tensors, out);
  const maxError = largestDifference(await out.read(), workload.expected(x, given).y.data);
  if (!(maxError <= ALLOWED)) throw new Error(`${name} [${shape}]: error ${maxError}`);

  const ours: Encode = (repeats) =>
    ctx.batch(() => {
      for (let i = 0; i < repeats; i++) workload.run(input, tensors, out);
    });
  const copy = copyKernel(ctx.device, input, copied);
  const [own, plain] = await timeInTurns(ctx, [ours, copy], 4 * input.size, () => {});
  for (const tensor of [input, out, copied, ...Object.values(tensors)]) tensor.destroy();
  return {
    name,
    shape,
    ms: own.ms,
    gbs: own.gbs,
    copyMs: plain.ms,
    multiple: own.ms / plain.ms,
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
