// Runs a program of the site in the reader's page, and compares every operation that it calls with float64. The
// program is that which is shown: its import becomes a use of the library that is here.

import * as library from "../../src/index";
import type { Values } from "../../test/support/arrays";
import { REFERENCES } from "./references";

export interface Comparison {
  /** The operation, and the name of one of its results. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The largest difference from float64. */
  readonly error: number;
  /** The largest magnitude in float64. */
  readonly largest: number;
  /** The first values, on the GPU and in float64. */
  readonly first: readonly (readonly [gpu: number, float64: number])[];
}

export interface Outcome {
  readonly lines: readonly string[];
  readonly comparisons: readonly Comparison[];
  /** What `explain` says of each plannable call. */
  readonly plans: readonly string[];
}

const FIRST = 6;

type Call = (first: unknown, options?: unknown) => unknown;
type Weights = (x: Values) => Values;

interface Recorded {
  readonly name: string;
  readonly given: Promise<unknown>;
  readonly result: Promise<unknown>;
}

const { Tensor } = await tensorClass();

/** The library exports the type of a tensor alone. */
async function tensorClass() {
  return import("../../src/runtime/tensor");
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Replaces each tensor by its values, read in the order of the calls, and a mask by its weights. */
async function valuesIn(value: unknown, masks: WeakMap<object, Weights>): Promise<unknown> {
  if (value instanceof Tensor) {
    const { shape } = value;
    return { shape, data: Float64Array.from(await value.read()) };
  }
  if (typeof value === "object" && value !== null && masks.has(value)) return masks.get(value);
  if (Array.isArray(value)) return Promise.all(value.map((one) => valuesIn(one, masks)));
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(async ([name, one]) => {
    return [name, await valuesIn(one, masks)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A mask's weights, which only now know the shape of x. */
function withMask(first: unknown, options: unknown): unknown {
  if (!isPlain(options) || typeof options.mask !== "function") return options;
  return { ...options, mask: (options.mask as Weights)(first as Values) };
}

/** The weights of a mask as float64 has them. */
function weightsOf(name: string, given: unknown, options: unknown): Weights {
  const data = Float64Array.from(given as ArrayLike<unknown>, Number);
  const shape = isPlain(options) && Array.isArray(options.shape) ? options.shape : [data.length];
  if (name === "maskOf") return () => ({ shape, data });
  return ({ shape: [examples = 1, length = 1, ...rest] }) => {
    const valid = (i: number) => Number(i % length < (data[Math.floor(i / length)] ?? 0));
    return {
      shape: [examples, length, ...rest.map(() => 1)],
      data: Float64Array.from({ length: examples * length }, (_, i) => valid(i)),
    };
  };
}

/** The library, whose operations are recorded. */
function recording(operations: object, ctx: library.Context, calls: Recorded[], plans: string[]) {
  const masks = new WeakMap<object, Weights>();
  const recorded = (name: string, call: Call): Call => {
    return (first, options) => {
      const given = Promise.all([valuesIn(first, masks), valuesIn(options, masks)]);
      const result = call(first, options);
      const read = Promise.resolve(result).then((all) => valuesIn(all, masks));
      for (const promise of [given, read]) promise.catch(() => {}); // both are awaited later
      calls.push({ name, given, result: read });
      const plan = planOf(ctx, call, first, options);
      if (plan) plans.push(plan);
      return result;
    };
  };
  const masking = (name: string, make: Call): Call => {
    return (given, options) => {
      const mask = make(given, options) as object;
      if (!(given instanceof Tensor)) masks.set(mask, weightsOf(name, given, options));
      return mask;
    };
  };
  const wrapped = Object.entries(operations).map(([name, value]) => {
    if (name === "maskOf" || name === "lengthsOf") return [name, masking(name, value as Call)];
    return [name, name in REFERENCES ? recorded(name, value as Call) : value];
  });
  return { ...Object.fromEntries(wrapped), createContext: async () => ctx };
}

function planOf(ctx: library.Context, call: Call, first: unknown, options: unknown): string {
  if (!("definition" in call) || !(first instanceof Tensor)) return "";
  const { shape, dtype } = first;
  const { stats: _, ...rest } = isPlain(options) ? options : {};
  try {
    return String(
      library.explain(ctx, call as never, { shape, inputType: dtype, ...rest } as never),
    );
  } catch {
    return ""; // an option that belongs to a call with arrays alone
  }
}

const isValues = (value: unknown): value is Values =>
  isPlain(value) && Array.isArray(value.shape) && ArrayBuffer.isView(value.data);

/** Pairs what the GPU and float64 have under one name. A result alone is y, or dx. */
function pairs(gpu: unknown, float64: unknown): [name: string, gpu: Values, float64: Values][] {
  if (isValues(gpu)) {
    const found = isValues(float64) ? float64 : isPlain(float64) ? float64.y : undefined;
    return isValues(found) ? [["", gpu, found]] : [];
  }
  if (!isPlain(gpu)) return [];
  const named: Record<string, unknown> = isValues(float64)
    ? { y: float64 }
    : { ...(float64 as object) };
  return Object.entries(gpu).flatMap(([name, values]) => {
    const found = named[name];
    return isValues(values) && isValues(found) ? [[name, values, found] as const] : [];
  }) as [string, Values, Values][];
}

const magnitude = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

async function comparisonsOf({ name, given, result }: Recorded): Promise<Comparison[]> {
  const [first, options] = (await given) as [unknown, unknown];
  const gpu = await result;
  const float64 = REFERENCES[name]?.(
    first as never,
    withMask(first, options) as never,
    gpu as never,
  );
  return pairs(gpu, float64).map(([part, a, b]) => ({
    name: part ? `${name}: ${part}` : name,
    shape: a.shape,
    error: magnitude(Float64Array.from(a.data, (v, i) => v - (b.data[i] ?? Number.NaN))),
    largest: magnitude(b.data),
    first: Array.from(a.data.slice(0, FIRST), (v, i) => [v, b.data[i] ?? Number.NaN] as const),
  }));
}

const IMPORT = /^import \{([^}]*)\} from "webgpu-norm";$/gm;

type Program = (library: object, console: { log: Call }) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as new (...texts: string[]) => Program;

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (!ArrayBuffer.isView(value))
    return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
  const numbers = value as unknown as ArrayLike<number> & { readonly length: number };
  const few = Array.from({ length: Math.min(numbers.length, FIRST) }, (_, i) =>
    String(Number((numbers[i] ?? 0).toPrecision(6))),
  );
  return `[${few.join(", ")}${numbers.length > FIRST ? ", ..." : ""}]`;
}

/** Runs the text of a program on this context; rejects with what the program throws. */
export async function run(
  text: string,
  ctx: library.Context,
  operations: object = library,
): Promise<Outcome> {
  const [calls, plans, lines]: [Recorded[], string[], string[]] = [[], [], []];
  const body = text.replace(IMPORT, "const {$1} = library;");
  const log = (...values: unknown[]) => lines.push(values.map(textOf).join(" "));
  await new AsyncFunction("library", "console", body)(recording(operations, ctx, calls, plans), {
    log,
  });
  const comparisons = (await Promise.all(calls.map(comparisonsOf))).flat();
  return { lines, comparisons, plans };
}

let shared: Promise<library.Context> | undefined;

/** The page's context; another one after its device was lost. */
export function context(): Promise<library.Context> {
  shared ??= library.createContext().then((ctx) => {
    ctx.device.lost.then(() => {
      shared = undefined;
    });
    return ctx;
  });
  shared.catch(() => {
    shared = undefined;
  });
  return shared;
}
