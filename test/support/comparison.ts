// This file puts a problem on the GPU, runs it, and compares the results. Inputs lie anywhere in a
// buffer and in any order, with sentinels in all other places.

import { type Context, type DType, gateOf, maskOf, skipOf, type Tensor } from "../../src/index";
import { type Expected, type Options, type Problem, title } from "./problem";
import { ofStorage, rounded } from "./rounding";

/** Calls the library: its results by the reference's names, running statistics among them. */
export function call(
  { operation, options }: Problem,
  tensors: Readonly<Record<string, Tensor>>,
  out?: Tensor,
): Record<string, Tensor> {
  const { x, ...others } = tensors;
  const place = out ? { out } : {};
  const all = { ...argumentsOf(options, others), ...place };
  const result = operation.library(x, all as never);
  const { runningMean, runningVar } = tensors;
  const running = operation.kind === "norm" && runningMean && { runningMean, runningVar };
  const named = "buffer" in result ? { y: result as Tensor } : withoutCount(result);
  return { ...running, ...named };
}

/** A build of the library has these functions, too. */
interface Makers {
  readonly maskOf: typeof maskOf;
  readonly gateOf: typeof gateOf;
  readonly skipOf: typeof skipOf;
}

const OWN: Makers = { maskOf, gateOf, skipOf };

/** Options and arrays, or descriptions of these, as a call takes them. */
export function argumentsOf(
  { fill, ...options }: Options,
  { mask, slope, ...arrays }: Readonly<Record<string, unknown>>,
  makers = OWN,
): object {
  return {
    ...withGates({ ...options, ...arrays }, makers),
    ...(mask !== undefined && { mask: makers.maskOf(mask as Tensor, { fill }) }),
    ...(slope !== undefined && { activation: { name: "prelu", alpha: slope } }),
  };
}

type GateArguments = Pick<Options, "gateActivation" | "gateFirst">;

type Gated = { readonly [K in "gate" | "skip" | "skipGate" | "residualGate"]?: Tensor };

/** Gates and skips, as functions make them of tensors and options. */
export function withGates(
  { gateActivation, gateFirst, ...all }: GateArguments,
  { gateOf, skipOf }: Makers = OWN,
): object {
  const { gate, skip, skipGate, residualGate, ...others } = all as Gated;
  const options = { activation: gateActivation, ...(gateFirst && { first: true }) };
  return {
    ...others,
    ...(gate && { gate: gateOf(gate, options) }),
    ...(skip && { skip: skipOf(skip, { gate: skipGate }) }),
    ...(residualGate && { residualGate: gateOf(residualGate) }),
  };
}

/** Without a number. */
const withoutCount = ({ count, ...tensors }: { count?: number | Tensor }) =>
  typeof count === "object" ? { count, ...tensors } : tensors;

/** What went wrong, an exception too, with the name of the case. */
export async function reported(
  name: string,
  work: () => Promise<string | null>,
): Promise<string | null> {
  try {
    const found = await work();
    return found && `${name}: ${found}`;
  } catch (error) {
    return `${name}: ${error}`;
  }
}

/** Uploads the inputs as they are and calls the library. */
export function run(ctx: Context, problem: Problem): Ran {
  const inputs = Object.entries(problem.inputs).map(([name, { data, shape }]) => {
    const dtype = problem.types?.[name];
    return [name, ctx.tensor(data as Float32Array, [...shape], { dtype })] as const;
  });
  const results = call(problem, Object.fromEntries(inputs));
  const destroy = () => {
    for (const tensor of [...Object.values(results), ...inputs.map(([, t]) => t)]) tensor.destroy();
  };
  return { results, destroy };
}

interface Ran {
  readonly results: Record<string, Tensor>;
  destroy(): void;
}

/** Uploads, runs, reads back and compares; the first difference as text. */
export function difference(
  ctx: Context,
  problem: Problem,
  expected: Record<string, Expected>,
): Promise<string | null> {
  return reported(title(problem), async () => {
    const { results, destroy } = run(ctx, problem);
    const found = await compare(results, expected);
    destroy();
    return found;
  });
}

/** The first result that differs from what is expected, as text. */
export async function compare(
  results: Record<string, Tensor>,
  expected: Record<string, Expected>,
): Promise<string | null> {
  const names = Object.keys(expected);
  const missing = names.find((name) => !results[name]);
  if (missing) return `${missing} is missing, given ${Object.keys(results)}`;
  const read = await Promise.all(names.map((name) => results[name].read()));
  for (const [n, name] of names.entries()) {
    const { shape, dtype } = results[name];
    const wanted = expected[name];
    if (`${shape} ${dtype}` !== `${wanted.shape} ${wanted.dtype}`) {
      return `${name} is ${dtype} [${shape}], expected ${wanted.dtype} [${wanted.shape}]`;
    }
    const found = worst(read[n], expected[name]);
    if (found) return `${name}${found}`;
  }
  return null;
}

/** The element that is furthest from what it should be, in units of its tolerance. */
function worst(given: Float32Array, { data, tolerance, dtype }: Expected): string | null {
  let most = 1;
  let at = -1;
  for (let i = 0; i < data.length && most < Infinity; i++) {
    const off = offBy(given[i], data[i], tolerance[i], dtype);
    if (off <= most) continue;
    most = off;
    at = i;
  }
  if (at < 0) return null;
  const error = Math.abs(given[at] - data[at]);
  const text = `[${at}] is ${given[at]}, expected ${data[at]}: off by ${error}`;
  return `${text}, ${most} times the tolerance ${tolerance[at]} of ${dtype}`;
}

/** In units of the tolerance; NaN and infinity have to be the same. */
export function offBy(
  given: number,
  expected: number,
  tolerance: number,
  dtype: DType = "f32",
): number {
  const nearest = rounded(expected, dtype);
  if (Object.is(given, nearest) || given === nearest) return 0;
  // what is as large as can be may be rounded to infinity, or just not
  if (Math.abs(given) === Infinity || Math.abs(nearest) === Infinity) {
    const reach = [expected - tolerance, expected + tolerance].map((v) => rounded(v, dtype));
    return reach.includes(given) && dtype !== "f32" ? 0 : Infinity;
  }
  if (!Number.isFinite(nearest) || !Number.isFinite(given)) return Infinity;
  return Math.abs(given - expected) / (tolerance + ofStorage(expected, tolerance, dtype));
}

/** Runs the cases some at a time, so that the GPU is kept busy; gives what went wrong. */
export async function inChunks<T>(
  cases: readonly T[],
  run: (item: T) => Promise<string | null>,
  size = 16,
): Promise<string[]> {
  const failures: string[] = [];
  for (let k = 0; k < cases.length; k += size) {
    const found = await Promise.all(cases.slice(k, k + size).map(run));
    failures.push(...found.filter((text) => text !== null));
  }
  return failures;
}
