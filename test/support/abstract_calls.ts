// This file lists abstract calls of all operations with random shapes, types, layouts, options and
// plans.

import type { DType } from "../../src/base/dtype";
import { contiguous } from "../../src/base/shape";
import * as library from "../../src/index";
import { type Context, type GradientName, NormError } from "../../src/index";
import { DEFAULTS, type PlanningProfile } from "../../src/plan/device_profile";
import type { PlanOverrides } from "../../src/plan/overrides";
import type { Pass } from "../../src/plan/plan";
import type { Call as Checked } from "../../src/runtime/call";
import { OK } from "../../src/runtime/gpu_status";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import { Tensor, type TensorStorage } from "../../src/runtime/tensor";
import * as pairs from "../../src/stream/pair_moments";
import { ACTIVATIONS } from "../../src/wgsl/activations";
import { makers, PLAIN } from "./gradient_cases";
import { Random } from "./random";
import { broadcastable, someAxes } from "./random_options";

const GPU: PlanningProfile = {
  ...DEFAULTS.gpu,
  name: "paper",
  software: false,
  workgroups: 8,
  f16: true,
  subgroups: false,
  shuffles: SHUFFLES,
  invocations: 256,
  storageBuffers: 8,
  maxBindingBytes: 2 ** 27,
};
const CPU: PlanningProfile = { ...GPU, ...DEFAULTS.cpu };

const REDUCTIONS = ["mean", "variance", "std", "moments"];

type Shape = readonly number[];
type Options = Record<string, unknown>;

function randomShape(random: Random): number[] {
  const shape = Array.from({ length: 2 + random.below(3) }, () => random.pick([1, 2, 3, 4, 5, 8]));
  return random.chance(0.3) ? [...shape.slice(0, 2), random.pick([96, 97])] : shape;
}

const DTYPES: readonly DType[] = ["f32", "f16", "bf16"];

/** A context on paper: takes all calls and keeps them and their passes. */
class Paper {
  readonly calls: Checked<unknown>[] = [];
  readonly passes: Pass[] = [];
  readonly device = {};
  private readonly profile: PlanningProfile;
  private readonly overrides: PlanOverrides;
  private readonly common: DType;
  private readonly mixed: boolean;

  constructor(private readonly random: Random) {
    const features = { f16: random.chance(0.5), subgroups: random.chance(0.5) };
    this.profile = { ...random.pick([CPU, GPU]), ...features };
    this.overrides = randomOverrides(random);
    this.common = random.pick(DTYPES);
    this.mixed = random.chance(0.5);
  }

  /** Most are dense and of one type. */
  tensor(shape: Shape, always?: DType): Tensor {
    const { random } = this;
    const dtype = always ?? (this.mixed ? random.pick(DTYPES) : this.common);
    const odd = always === undefined && random.chance(0.15);
    const strides = odd ? transposed(shape) : contiguous(shape);
    const offset = odd ? random.below(5) : 0;
    const context = this as unknown as Context;
    return new Tensor(context, this.storage(), shape, strides, offset, dtype, true);
  }

  make(_op: string, shape: Shape, dtype: DType): Tensor {
    const context = this as unknown as Context;
    return new Tensor(context, this.storage(), shape, contiguous(shape), 0, dtype, true);
  }

  storage(): TensorStorage {
    return { buffer: {} as GPUBuffer, owned: true, references: 1, written: OK };
  }

  readonly plans = { of: (call: Checked<unknown>) => this.planned(call) };
  readonly pool = { checkSize() {} };

  private planned(call: Checked<unknown>) {
    const { problem, plan: planner } = call;
    this.calls.push(call);
    const plan = planner(problem, this.profile, this.overrides);
    this.passes.push(...plan.passes);
    return { plan, ready: null };
  }

  batch<T>(fn: () => T): T {
    return fn();
  }

  checkAlive() {}
  run() {}

  work<T>(fn: () => T): T {
    return fn();
  }
  release() {}
}

const transposed = (shape: Shape) => contiguous(shape.toReversed()).toReversed();

function randomOverrides(random: Random): PlanOverrides {
  if (random.chance(0.3)) return {};
  return {
    split: random.pick([true, false, undefined]),
    columns: random.pick([true, false, undefined]),
    vectorWidth: random.pick([1, 4, undefined, undefined]),
    team: random.pick([1, 8, 64, undefined]),
    inRegisters: random.pick([true, false, undefined]),
    slices: random.pick([1, 3, undefined]),
    deferInner: random.pick([true, false, undefined]),
    fuseParameterGradients: random.pick([true, false, undefined]),
  };
}

/** Options and arrays of the operation's own, of which some are left out. */
function ownOptions(name: string, paper: Paper, random: Random, shape: Shape): Options {
  if (REDUCTIONS.includes(name)) return { axes: someAxes(random, shape) };
  const { options, own } = makers[name](random, shape);
  const statistic = (key: string) => /^(running.*|mean|variance|alpha|offset)$/.test(key);
  const taken = Object.entries(own).filter(([key]) => statistic(key) || random.chance(0.8));
  const arrays = taken.map(([key, { shape }]) => {
    return [key, paper.tensor(shape, statistic(key) ? "f32" : undefined)];
  });
  return { ...options, ...Object.fromEntries(arrays) };
}

function someOf(random: Random, options: Options, probability = 0.4): Options {
  const taken = Object.entries(options).filter(() => random.chance(probability));
  return Object.fromEntries(taken);
}

/** What all norms take, forward and backward. */
const sharedOptions = (paper: Paper, random: Random, shape: Shape): Options => ({
  residualBias: paper.tensor(broadcastable(random, shape)),
  scale: paper.tensor(broadcastable(random, shape)),
  shift: paper.tensor(broadcastable(random, shape)),
  activation: random.pick(Object.keys(ACTIVATIONS)),
});

type Call = (x: Tensor, options: Options) => Options;
const calls = library as unknown as Readonly<Record<string, Call | undefined>>;

/** A statistic, and its gradient. */
function callReduction(name: string, paper: Paper, x: Tensor, own: Options): void {
  const made = calls[name]?.(x, own) as unknown as Tensor | library.Moments;
  const { shape } = "mean" in made ? made.mean : made;
  const [dy, dVariance] = [paper.tensor(shape, "f32"), paper.tensor(shape, "f32")];
  const more = name === "moments" && { dVariance };
  calls[`${name}Backward`]?.(dy, { ...own, x, ...more });
}

/** A call and, where there is one, its gradient, with or without what the forward saved. */
function callBoth(name: string, paper: Paper, random: Random): void {
  const shape = randomShape(random);
  const x = paper.tensor(shape);
  const own = ownOptions(name, paper, random, shape);
  const isNorm = name in makers;
  const plain = !isNorm || PLAIN.includes(name);
  const shared = plain ? {} : someOf(random, sharedOptions(paper, random, shape));
  if (!isNorm) {
    callReduction(name, paper, x, own);
    return;
  }
  const residual = paper.tensor(random.chance(0.5) ? shape : broadcastable(random, shape));
  const added = plain ? {} : someOf(random, { residual, residualOut: true, stats: true });
  const results = isNorm ? someOf(random, { dtype: random.pick(DTYPES) }) : {};
  const place = isNorm && random.chance(0.2) ? { out: x, dtype: x.dtype } : results;
  const made = calls[name]?.(x, { ...own, ...shared, ...added, ...place });
  const kept = added.stats && random.chance(0.7) ? made : {};
  const { mean, rstd, meanPair, r, d } = kept ?? {};
  const pair = random.chance(0.5) && { meanPair };
  const saved = {
    ...(mean !== undefined && { mean, ...pair }),
    ...(rstd !== undefined && { rstd }),
  };
  const renormed = r !== undefined && random.chance(0.5) ? { r, d } : {};
  const sum = random.chance(0.3) && { dSum: paper.tensor(shape) };
  const gradients = random.chance(0.3) && { gradients: [random.pick(GRADIENTS)] };
  const options = { ...own, ...shared, ...saved, ...renormed, ...sum, ...gradients };
  calls[`${name}Backward`]?.(paper.tensor(shape), { ...options, x: paper.tensor(shape) });
}

/** Moments of two parts, put together. */
function callMerge(paper: Paper, random: Random): void {
  const part = library.moments(paper.tensor(randomShape(random)));
  const [mean, variance] = [1, 2].map(() => paper.tensor(part.mean.shape, "f32"));
  const { meanPair } = part;
  library.mergeMoments([
    part,
    { mean, variance, count: 1, ...(random.chance(0.5) && { meanPair }) },
  ]);
}

/** What a stream does: chunks, their merge, y. */
function callStream(paper: Paper, random: Random): void {
  const chunk = paper.tensor(randomShape(random));
  const axes = someAxes(random, chunk.shape);
  const part = pairs.chunkMoments(chunk, { axes });
  const { shape } = part.mean;
  const [mean, variance, meanPair] = [shape, shape, [2, ...shape]].map((s) =>
    paper.tensor(s, "f32"),
  );
  const other = { mean, variance, count: 1, ...(random.chance(0.7) && { meanPair }) };
  const results = random.pick([["variance"] as const, ["mean", "variance", "meanPair"] as const]);
  pairs.mergeStatistics(part, other, results, shape);
  pairs.applyToChunk(chunk, { axes, variance, meanPair });
}

const GRADIENTS: readonly GradientName[] = ["dx", "dx", "dWeight", "dBias", "dScale"];

/** Where options do not go together, it has what came before. */
function paperOf(name: string, seed: number): Paper {
  const random = new Random(seed);
  const paper = new Paper(random);
  try {
    if (name === "mergeMoments") callMerge(paper, random);
    else if (name === "stream") callStream(paper, random);
    else callBoth(name, paper, random);
  } catch (error) {
    if (!(error instanceof NormError)) throw error;
  }
  return paper;
}

/** Calls of each operation and its gradient, so many times. */
export function* papers(seeds: number): Generator<Paper> {
  const norms = Object.keys(makers).filter((name) => name in library);
  for (let seed = 0; seed < seeds; seed++) {
    for (const name of [...REDUCTIONS, ...norms, "mergeMoments", "stream"])
      yield paperOf(name, seed);
  }
}

/** Calls of all operations with random shapes, types and options. */
export const abstractCalls = (seeds: number): Checked<unknown>[] =>
  [...papers(seeds)].flatMap(({ calls }) => calls);
