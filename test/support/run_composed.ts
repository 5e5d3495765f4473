// This file runs a composed operation on a problem: as a call, or by workers that each have a part
// of the data.

import {
  type Context,
  type GradientSums,
  type Moments,
  mergeMoments,
  moments,
  syncBatchNorm,
  syncBatchNormBackward,
  type Tensor,
} from "../../src/index";
import { resolveAxis, type Values } from "./arrays";
import { call, withGates } from "./comparison";
import type { ComposedOperation } from "./composed_operations";
import { placeEmpty } from "./placement";
import { type Problem, parameterOf, typeOf } from "./problem";
import { Random } from "./random";
import type { Variation } from "./variations";
import { added, addSums, cut, cutBroadcast, groupsOf, joined, meeting } from "./workers";

type Results = Readonly<Record<string, Tensor>>;
type Run = (ctx: Context, problem: Problem, variation: Variation) => Promise<Results[]>;

const upload = (ctx: Context, { shape, data }: Values, dtype: Tensor["dtype"] = "f32") =>
  ctx.tensor(data as Float32Array, [...shape], { dtype });

function uploadAll(ctx: Context, inputs: Readonly<Record<string, Values>>, { types }: Problem) {
  const all = Object.entries(inputs).map(([name, values]) => {
    return [name, upload(ctx, values, types?.[name])] as const;
  });
  return Object.fromEntries(all) as Record<string, Tensor>;
}

/** The tensor that y goes to. */
function outOf(ctx: Context, problem: Problem, x: Tensor, out: Variation["out"]) {
  if (out === undefined) return undefined;
  if (out === "in place") return x;
  const placing = out === "dense" ? "own" : out;
  return placeEmpty(ctx, x.shape, placing, new Random(1), typeOf(problem, "y")).tensor;
}

function expectSame(y: Tensor, out: Tensor | undefined): void {
  if (out !== undefined && y !== out) throw new Error("the result is not `out`");
}

/** A mean as a pair that is not nearly itself plus 0. */
function asPair(ctx: Context, { shape, data }: Values): Tensor {
  const pivots = Array.from(data, (v) => Math.fround(Math.round(v)));
  return ctx.tensor([...pivots, ...Array.from(data, (v, i) => v - pivots[i])], [2, ...shape]);
}

const runCall: Run = async (ctx, problem, { out: place, pair }) => {
  const { mean, ...inputs } = problem.inputs;
  const tensors = pair
    ? { ...uploadAll(ctx, inputs, problem), meanPair: asPair(ctx, mean) }
    : uploadAll(ctx, problem.inputs, problem);
  const out = outOf(ctx, problem, tensors.x, place);
  const results = call(problem, tensors, out);
  expectSame(results.y, out);
  return [results];
};

/** Arrays with a value a channel, which every worker has as they are. */
const WHOLE = ["weight", "bias", "runningMean", "runningVar"];

/** What each worker has: its examples, or where the first axis is that of the channels, of the next. */
function partsOf({ inputs, options }: Problem, sizes: readonly number[]) {
  const { shape } = inputs.x;
  const axis = resolveAxis(shape, options.channelAxis ?? 1) === 0 ? 1 : 0;
  const cutOne = (name: string, values: Values): Values[] =>
    WHOLE.includes(name) ? sizes.map(() => values) : cutBroadcast(values, shape, sizes, axis);
  const entries = Object.entries(inputs).map(([name, values]) => [name, cutOne(name, values)]);
  const parts = sizes.map((_, k) =>
    Object.fromEntries(entries.map(([name, all]) => [name, (all as Values[])[k]])),
  ) as Record<string, Values>[];
  return { axis, parts };
}

/** A result of which each worker has a part. */
async function together(ctx: Context, parts: readonly Tensor[], axis: number): Promise<Tensor> {
  const read = await Promise.all(
    parts.map(async (part) => ({ shape: part.shape, data: await part.read() })),
  );
  return upload(ctx, joined(read, axis), parts[0].dtype);
}

/** The moments as a transport gives them that knows no pairs. */
const withoutPair = ({ meanPair: _, ...others }: Moments): Moments => others;

const runForward: Run = async (ctx, problem, variation) => {
  const { workers = [], itself, out: place, pair = true, group } = variation;
  const { training: _, ...options } = problem.options;
  const { axis, parts } = partsOf(problem, workers);
  const allReduce = meeting<Moments>(workers.length, (all) =>
    mergeMoments(pair ? all : all.map(withoutPair)),
  );
  const groups = groupsOf(workers.length);
  const all = await Promise.all(
    parts.map(async (part, rank) => {
      const { x, ...tensors } = uploadAll(ctx, part, problem);
      const out = outOf(ctx, problem, x, place);
      const usual = group ? { ...group, group: groups[rank] } : { allReduce };
      const reduce = itself ? { allReduce: <T>(own: T) => own } : usual;
      const { y, sum = y } = await syncBatchNorm(x, {
        ...{ ...withGates({ ...options, ...tensors }), out, ...reduce },
      } as never);
      expectSame(y, out);
      return { y, sum, tensors };
    }),
  );
  const whole = (name: "y" | "sum") =>
    together(
      ctx,
      all.map((one) => one[name]),
      axis,
    );
  const [y, sum] = [await whole("y"), await whole("sum")];
  return all.map(({ tensors: { runningMean, runningVar } }) => ({
    ...{ y, sum },
    ...(runningMean && { runningMean, runningVar }),
  }));
};

const runBackward: Run = async (ctx, problem, { workers = [], itself, group }) => {
  const { training: _, ...options } = problem.options;
  const { axis, parts } = partsOf(problem, workers);
  const own = parts.map((part) => uploadAll(ctx, part, problem));
  const channel = resolveAxis(problem.inputs.x.shape, options.channelAxis ?? 1);
  const axes = problem.inputs.x.shape.flatMap((_, i) => (i === channel ? [] : [i]));
  const filled = own.filter(({ x }) => x.size > 0);
  const all = mergeMoments(filled.map(({ x }) => moments(x, { axes })));
  const meet = meeting<GradientSums>(workers.length, (sums) => addSums(ctx, sums));
  const allReduce = itself ? (sums: GradientSums) => sums : meet;
  const groups = groupsOf(workers.length);
  const gradients = await Promise.all(
    own.map(({ dy, ...tensors }, rank) => {
      const exchange = group ? { ...group, group: groups[rank] } : { allReduce };
      const given = { ...withGates({ ...options, ...tensors }), moments: all, ...exchange };
      return syncBatchNormBackward(dy, given as never);
    }),
  );
  const names = Object.keys(gradients[0]) as (keyof GradientSums | "dx")[];
  const found = names.map(async (name) => {
    const each = gradients.map((one) => one[name]);
    const parameter = parts.map((part) => part[parameterOf(name)]);
    const isCut = name === "dx" || parameter.some((one) => one !== parameter[0]);
    return [name, await (isCut ? together(ctx, each, axis) : added(ctx, each))] as const;
  });
  return [Object.fromEntries(await Promise.all(found))];
};

/** Moments of parts: merged at once, from behind, and two and two. */
const runMerge: Run = async (ctx, problem, { workers = [], pair = true }) => {
  const { x } = problem.inputs;
  const parts = cut(x, workers).map((part) => {
    const own = moments(upload(ctx, part, problem.types?.x), problem.options as never);
    return pair ? own : withoutPair(own);
  });
  const [first, ...others] = parts;
  const nested = others.reduce((all, part) => mergeMoments([all, part]), first);
  return [mergeMoments(parts), mergeMoments(parts.toReversed()), mergeMoments([nested])].map(
    ({ mean, variance }) => ({ mean, variance }),
  );
};

const RUNS: Readonly<Record<ComposedOperation["how"], Run>> = {
  call: runCall,
  syncBatchNorm: runForward,
  syncBatchNormBackward: runBackward,
  mergeMoments: runMerge,
};

/** Its results; by workers with results of their own, those of each. */
export const runComposed = (
  ctx: Context,
  { how }: ComposedOperation,
  problem: Problem,
  variation: Variation,
): Promise<Results[]> => RUNS[how](ctx, problem, variation);
