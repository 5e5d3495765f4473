// This file lists abstract calls of all operations with random shapes, types, layouts, options and
// plans.

import type { DType } from "../../src/base/dtype";
import { contiguous } from "../../src/base/shape";
import * as library from "../../src/index";
import { type Context, type GradientName, NormError } from "../../src/index";
import { toWords } from "../../src/norms/draw";
import { TextureTensor } from "../../src/norms/shared/image_source";
import { DEFAULTS, type PlanningProfile } from "../../src/plan/device_profile";
import type { PlanOverrides } from "../../src/plan/overrides";
import type { Pass } from "../../src/plan/plan";
import type { Call as Checked } from "../../src/runtime/call";
import { OK } from "../../src/runtime/gpu_status";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import { Tensor, type TensorStorage } from "../../src/runtime/tensor";
import * as pairs from "../../src/stream/pair_moments";
import { countRanges } from "../../src/stream/ranges";
import { exactSums } from "../../src/stream/tensor_state";
import { ACTIVATIONS } from "../../src/wgsl/activations";
import { IMAGE_EXTERNAL, IMAGE_FLOAT_TEXTURE, IMAGE_TEXTURE } from "../../src/wgsl/statistics";
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
const INTEGERS: readonly DType[] = ["u8", "i8", "u16"];

/** Masks are floats, as other arrays, or flags. */
const FLAGS: readonly (DType | undefined)[] = [undefined, undefined, "u8", "u32"];

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

  /** As a context's. */
  tensor(_data: unknown, shape: Shape, { dtype = "f32" }: { dtype?: DType } = {}): Tensor {
    return this.make("tensor", shape, dtype);
  }

  /** Most are dense and of one type. */
  array(shape: Shape, always?: DType): Tensor {
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
    return [key, paper.array(shape, statistic(key) ? "f32" : undefined)];
  });
  return { ...options, ...Object.fromEntries(arrays) };
}

function someOf(random: Random, options: Options, probability = 0.4): Options {
  const taken = Object.entries(options).filter(() => random.chance(probability));
  return Object.fromEntries(taken);
}

/** What all norms take, forward and backward. */
const sharedOptions = (paper: Paper, random: Random, shape: Shape): Options => ({
  residualBias: paper.array(broadcastable(random, shape)),
  scale: paper.array(broadcastable(random, shape)),
  shift: paper.array(broadcastable(random, shape)),
  activation: someActivation(paper, random, shape),
});

function someActivation(paper: Paper, random: Random, shape: Shape): unknown {
  const name = random.pick(Object.keys(ACTIVATIONS));
  return name === "prelu" ? { name, alpha: paper.array(broadcastable(random, shape)) } : name;
}

/** Gates and skips; a gradient has the sum as well where x has a gate. */
function someGates(paper: Paper, random: Random, shape: Shape): Options {
  const any = () => paper.array(random.chance(0.5) ? shape : broadcastable(random, shape));
  const activation = random.pick([...Object.keys(ACTIVATIONS), "none"]) as "silu";
  const gate = () => library.gateOf(any(), { activation, first: random.chance(0.4) });
  const skip = () => library.skipOf(any(), random.chance(0.5) ? { gate: any() } : {});
  return {
    ...(random.chance(0.6) && activation !== ("prelu" as string) && { gate: gate() }),
    ...(random.chance(0.4) && { skip: skip() }),
    ...(random.chance(0.4) && { residualGate: library.gateOf(any()) }),
  };
}

interface Call {
  (x: Tensor, options: Options): Options;
  readonly definition?: { readonly options?: object };
}
const calls = library as unknown as Readonly<Record<string, Call | undefined>>;

/** Options that some operations have; a third of their calls have each. */
function specialOptions(name: string, paper: Paper, random: Random, shape: Shape): Options {
  const known = calls[name]?.definition?.options ?? {};
  const fill = random.pick([0, "keep", "apply"] as const);
  const lengths = Array.from({ length: shape[0] }, () => 1);
  const all: Options = {
    mask: random.chance(0.4)
      ? library.lengthsOf(lengths, { fill })
      : library.maskOf(paper.array(broadcastable(random, shape), random.pick(FLAGS)), { fill }),
    castBeforeWeight: true,
    correction: 1,
    epsOn: "deviation",
  };
  const taken = Object.entries(all).filter(([key]) => key in known && random.chance(0.4));
  return Object.fromEntries(taken);
}

/** A statistic, and its gradient. */
function callReduction(name: string, paper: Paper, x: Tensor, own: Options): void {
  const made = calls[name]?.(x, own) as unknown as Tensor | library.Moments;
  const { shape } = "mean" in made ? made.mean : made;
  const [dy, dVariance] = [paper.array(shape, "f32"), paper.array(shape, "f32")];
  const more = name === "moments" && { dVariance };
  calls[`${name}Backward`]?.(dy, { ...own, x, ...more });
}

/** A call and, where there is one, its gradient, with or without what the forward saved. */
function callBoth(name: string, paper: Paper, random: Random): void {
  const shape = randomShape(random);
  const whole = random.chance(REDUCTIONS.includes(name) ? 0.4 : 0.1);
  const x = paper.array(shape, whole ? random.pick(INTEGERS) : undefined);
  const special = specialOptions(name, paper, random, shape);
  const own = { ...ownOptions(name, paper, random, shape), ...special };
  const isNorm = name in makers;
  const plain = !isNorm || PLAIN.includes(name);
  const gates = plain || random.chance(0.6) ? {} : someGates(paper, random, shape);
  const usual = plain ? {} : someOf(random, sharedOptions(paper, random, shape));
  const shared = {
    ...usual,
    ...gates,
    ...("scale" in usual && random.chance(0.3) && { scaleOffset: 0 }),
  };
  if (!isNorm) {
    callReduction(name, paper, x, own);
    return;
  }
  const residual = paper.array(random.chance(0.5) ? shape : broadcastable(random, shape));
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
  const sum = random.chance(0.3) && { dSum: paper.array(shape) };
  const gradients = random.chance(0.3) && { gradients: [random.pick(GRADIENTS)] };
  const apart = "residualGate" in gates && { sum: paper.array(shape) };
  const options = { ...own, ...shared, ...saved, ...renormed, ...sum, ...apart, ...gradients };
  calls[`${name}Backward`]?.(paper.array(shape), { ...options, x: paper.array(shape) });
}

/** Moments of two parts, put together. */
function callMerge(paper: Paper, random: Random): void {
  const x = paper.array(randomShape(random));
  if (random.chance(0.3)) {
    const mask = library.maskOf(paper.array(x.shape));
    library.mergeMoments([library.moments(x, { mask }), library.moments(x, { mask })] as never);
    return;
  }
  const part = library.moments(x);
  const [mean, variance] = [1, 2].map(() => paper.array(part.mean.shape, "f32"));
  const { meanPair } = part;
  library.mergeMoments([
    part,
    { mean, variance, count: 1, ...(random.chance(0.5) && { meanPair }) },
  ]);
}

/** What a stream does: chunks, their merge, y. */
function callStream(paper: Paper, random: Random): void {
  const chunk = paper.array(randomShape(random));
  const axes = someAxes(random, chunk.shape);
  const mask = random.chance(0.4) ? library.maskOf(paper.array(chunk.shape)) : undefined;
  const ranges = random.chance(0.3);
  if (ranges) countRanges.find(chunk, { axes, mask });
  const counted = ranges ? countRanges.finite(mask) : mask;
  const part = pairs.chunkMoments(chunk, { axes, mask: counted });
  const { shape } = part.mean;
  const [mean, variance, meanPair] = [shape, shape, [2, ...shape]].map((s) =>
    paper.array(s, "f32"),
  );
  const other = { mean, variance, count: 1, ...(random.chance(0.7) && { meanPair }) };
  const results = random.pick([["variance"] as const, ["mean", "variance", "meanPair"] as const]);
  const all = pairs.mergeParts(part, other);
  pairs.statisticsOf(all, { results, shape, correction: 1 });
  pairs.applyToChunk(chunk, { axes, variance, meanPair });
  exactSums(paper.array(chunk.shape, random.pick(["u8", "i8", "u16"])), { axes });
}

/** An image of any source. */
function callImage(paper: Paper, random: Random): void {
  const shape = [1 + random.below(2), 5, 7, random.pick([3, 4])];
  const kinds = [IMAGE_EXTERNAL, IMAGE_TEXTURE, IMAGE_FLOAT_TEXTURE];
  const texture = () =>
    new TextureTensor(paper as unknown as Context, {} as never, shape, random.pick(kinds));
  const source = random.chance(0.5) ? texture() : paper.array(shape, "u8");
  const options = {
    preset: "clip",
    layout: random.pick(["nchw", "nhwc"]),
    dtype: random.pick(DTYPES),
    ...(random.chance(0.5) && { pad: { width: 9, height: 8 } }),
    ...(random.chance(0.3) && { crop: { x: 1, y: 1, width: 3, height: 2 } }),
    ...(random.chance(0.3) && { channels: "gray", preset: undefined, mean: 0.5, std: 0.2 }),
  };
  paper.plans.of(library.normalizeImage.definition.define(source, options as never));
}

/** Rows, whose gradients are read once; the way back, and its gradient; gradients that are clipped. */
function callOthers(paper: Paper, random: Random): void {
  const shape = randomShape(random);
  const axes = someAxes(random, shape);
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const statistic = () => paper.array(kept, "f32");
  const own = {
    axes,
    mean: statistic(),
    ...(random.chance(0.5) ? { rstd: statistic() } : { variance: statistic() }),
    ...someOf(random, { weight: paper.array(shape), bias: paper.array(shape) }),
  };
  const bytes = random.chance(0.3) && { dtype: "u8" };
  calls.denormalize?.(paper.array(shape), { ...own, ...bytes });
  toWords(paper.array([5, 7, random.pick([1, 3, 4])]), { step: 64, premultiplies: true });
  calls.denormalizeBackward?.(paper.array(shape), { ...own, x: paper.array(shape) });
  const rows = [random.pick([5, 64]), 96];
  const [x, dy, weight, bias] = [rows, rows, [96], [96]].map((one) => paper.array(one, "f32"));
  calls.layerNormBackward?.(dy, { normalizedShape: [96], x, weight, bias });
  const mask = library.maskOf(paper.array(shape));
  calls.lpNormalize?.(paper.array(shape), { axes, p: Number.POSITIVE_INFINITY, mask });
  library.clipGradNorm([paper.array(shape, "f32"), x], { max: 1 });
}

const GRADIENTS: readonly GradientName[] = [
  ...(["dx", "dx", "dWeight", "dBias", "dScale", "dGate", "dResidualGate"] as const),
];

/** Where options do not go together, it has what came before. */
function paperOf(name: string, seed: number): Paper {
  const random = new Random(seed);
  const paper = new Paper(random);
  try {
    if (name === "mergeMoments") callMerge(paper, random);
    else if (name === "stream") callStream(paper, random);
    else if (name === "image") callImage(paper, random);
    else if (name === "others") callOthers(paper, random);
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
    for (const name of [...REDUCTIONS, ...norms, "mergeMoments", "stream", "image", "others"])
      yield paperOf(name, seed);
  }
}

/** Calls of all operations with random shapes, types and options. */
export const abstractCalls = (seeds: number): Checked<unknown>[] =>
  [...papers(seeds)].flatMap(({ calls }) => calls);
