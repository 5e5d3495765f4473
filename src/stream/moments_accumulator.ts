// The accumulator computes moments of data larger than the GPU, or than memory, exactly and chunk
// by chunk. A second pass over the chunks normalizes them.

import { checkDType, DTYPES, ELEMENTS, isHalf } from "../base/dtype";
import { fail, NormError, show } from "../base/errors";
import { checkOptions } from "../base/options";
import { sameShape, sizeOf } from "../base/shape";
import { MomentsState } from "../moments/moments_state";
import type { Range } from "../moments/ranges";
import { type AnyMoments, destroyMoments, isWeighted } from "../norms/merge_moments";
import {
  MOMENTS_RESULTS,
  type Moments,
  WEIGHTED_RESULTS,
  type WeightedMoments,
} from "../norms/moments";
import { specOf } from "../norms/shared/checks";
import { type Context, checkContext } from "../runtime/context";
import { Tensor } from "../runtime/tensor";
import {
  type Block,
  Blocks,
  blocksOf,
  type Chunk,
  type ChunkFormat,
  type MaskedChunk,
} from "./chunking";
import { type Counted, MergeTree, mergeTree, tallyOf } from "./merge_tree";
import {
  ACCUMULATOR_OPTIONS,
  type AccumulatorOptions,
  ADD_OPTIONS,
  type AddOptions,
  checkChunk,
  checkStream,
  checkStreamAxes,
  NORMALIZE_OPTIONS,
  type NormalizedChunk,
  type NormalizeOptions,
  type NormalizeRequest,
  type OutputForm,
  progressOf,
  RANGE_OPTIONS,
  type RangeOptions,
  SHAPE_OPTIONS,
  type ShapeOptions,
  SPREAD_OPTIONS,
  type SpreadOptions,
  STREAM_OPTIONS,
  type StreamOptions,
} from "./options";
import { applyToChunk, chunkMoments, statisticsOf } from "./pair_moments";
import type { Ranges } from "./ranges";
import { type ChunkSource, readAhead, valuesIn } from "./source";
import { checkState, partOf, readParts } from "./stored_state";

const nothing = () => {};

const NAME = "MomentsAccumulator";
const COUNTED_APART = "those to be counted apart (ranges: countRanges)";
const MOST_BYTES = 2 ** 26; // bytes per block: one dispatch, and two blocks are in memory
const IN_FLIGHT = 2; // blocks on the GPU while the host fetches the next

/**
 * An accumulator computes mean, population variance and count of a stream of chunks, of any length,
 * in the memory of a few chunks. A second pass then gives y = (x - mean) / sqrt(variance + eps) *
 * weight + bias chunk by chunk.
 *
 * The chunks' moments stay on the GPU and merge pairwise by Chan's formula, as a binary counter
 * carries, and each mean is stored as pivot + delta. Rounding therefore grows with log2(chunks) and
 * not with an offset of the data. Equal chunks give equal bits. Counts are exact up to 2^53.
 *
 * Source: Chan, Golub & LeVeque 1983; pairwise order: Higham 1993. Throws NormError for a shape
 * that does not begin with -1, and for axes that are unknown, duplicate, or without 0.
 */
export class MomentsAccumulator {
  private readonly parts = new MergeTree();
  private readonly format: ChunkFormat;
  private readonly axes: readonly number[];
  private readonly kept: readonly number[];
  private readonly keptDims: readonly number[];
  /** What was loaded, exact. */
  private loaded: MomentsState;
  private readonly ranges: Ranges | undefined;
  private gone = false;

  constructor(
    readonly context: Context,
    options: AccumulatorOptions,
  ) {
    checkContext(NAME, context);
    context.checkAlive(NAME);
    const { shape, axes, dtype, ranges } = checkOptions(NAME, options, ACCUMULATOR_OPTIONS);
    const sample = checkStream(NAME, shape);
    const reduced = checkStreamAxes(NAME, axes, sample.length + 1);
    const stored = checkDType(NAME, dtype ?? "f32", "dtype", ELEMENTS);
    const most = Math.min(MOST_BYTES, context.device.limits.maxBufferSize);
    const bytes = DTYPES[stored].bytes * sizeOf(sample);
    this.axes = reduced.flatMap((is, i) => (is ? [i] : []));
    const perSample = sizeOf(this.axes.map((axis) => sample[axis - 1] ?? 1));
    this.format = { shape: sample, dtype: stored, bytes, most, perSample };
    this.kept = sample.filter((_, i) => !reduced[i + 1]);
    this.keptDims = [1, ...sample.map((size, i) => (reduced[i + 1] ? 1 : size))];
    this.ranges = ranges;
    this.loaded = new MomentsState(this.stateOptions);
  }

  /** The count is the number of elements of each group so far, masked ones among them. */
  get count(): number {
    return this.samples * this.format.perSample;
  }

  /**
   * This is the length along the first axis so far. Of a state whose groups have counts of their own
   * it is what the state covers.
   */
  get samples(): number {
    return samplesOf(this.parts.parts);
  }

  get destroyed(): boolean {
    return this.gone;
  }

  /**
   * Adds one chunk of whole samples. Its work is submitted when this returns, and `moments()`
   * includes it. The promise resolves when the GPU is done; wait for it now and then, or submitted
   * work piles up. It rejects if the GPU refused the chunk (out of memory), which is then left out.
   * A tensor remains the caller's, may have any dtype and strides, and may be destroyed right after
   * the call, and so may the mask.
   *
   * Throws NormError at the call for a chunk of another type or shape, or one that ends within a
   * sample, and for a mask that does not broadcast to [n, ...]; the moments so far stay as they are.
   */
  add(chunk: Chunk, options: AddOptions = {}): Promise<void> {
    const op = `${NAME}.add`;
    this.checkAlive(op);
    const { mask } = checkOptions(op, options, ADD_OPTIONS);
    const blocks = [...blocksOf(op, chunk, this.format, mask)];
    const done = blocks.map((block) => this.measure(op, block));
    return Promise.all(done).then(nothing);
  }

  /**
   * Adds all chunks of an iterable, async iterable or ReadableStream, one at a time. Raw bytes (a
   * `Response.body`) may be cut anywhere: they are joined to whole samples. At most two blocks are
   * on their way to the GPU while the next is read, so memory stays that of a few chunks. A value
   * `{ chunk, mask }` is a chunk with its mask, which may be destroyed when the source is asked for
   * the next one. Resolves when the GPU is done; it keeps no part of the source.
   *
   * Rejects with the signal's reason when aborted, with the source's own error when it throws, and
   * with a NormError for chunks as `add` does, for an end within a sample, and if the GPU refuses a
   * block. The source is then closed (`return()`, `cancel()`). Blocks added before stay, `count`
   * says how much they are, and more may be added.
   */
  async addAll(
    source: ChunkSource<Chunk | MaskedChunk>,
    options: StreamOptions = {},
  ): Promise<void> {
    const op = `${NAME}.addAll`;
    this.checkAlive(op);
    const { signal } = checkOptions(op, options, STREAM_OPTIONS);
    checkChunk(op, options, this.format);
    const tell = progressOf(options);
    const measure = (block: Block) => this.measure(op, block).then(() => block.samples);
    const blocks = this.blocks(op, source, options);
    const running = { most: IN_FLIGHT, signal, drop: nothing };
    for await (const samples of readAhead(blocks, measure, running)) tell(samples);
  }

  /**
   * Returns mean, population variance (both f32, of the kept axes' shape) and count of all chunks
   * so far. They are new tensors, which the caller destroys, as those of `moments`, for
   * `applyMoments` and `mergeMoments`, with the mean's pair. Where a chunk had a mask the count is a
   * tensor as well, f32, that of each group; one without a valid element has mean and variance 0.
   * Throws NormError before the first chunk.
   */
  moments(options: ShapeOptions = {}): Moments | WeightedMoments {
    const op = `${NAME}.moments`;
    this.checkCounted(op);
    const { keepdim = false } = checkOptions(op, options, SHAPE_OPTIONS);
    const shape = keepdim ? this.keptDims : this.kept;
    return this.together((all) => {
      if (isWeighted(all)) return statisticsOf(all, { results: WEIGHTED_RESULTS, shape });
      const made = statisticsOf(all, { results: MOMENTS_RESULTS, shape });
      return { ...made, count: all.count };
    });
  }

  /**
   * Returns sum((x - mean)^2) / (n - correction) of all chunks so far, as `variance` does: the
   * default 1 is Bessel's correction, 0 the population's. Throws NormError before the first chunk.
   */
  variance(options: SpreadOptions = {}): Tensor {
    const op = `${NAME}.variance`;
    this.checkCounted(op);
    const { correction = 1, keepdim = false } = checkOptions(op, options, SPREAD_OPTIONS);
    const shape = keepdim ? this.keptDims : this.kept;
    const ofNothing = correction === 0 ? 0 : Number.NaN;
    const asked = { results: ["variance"], shape, correction, ofNothing } as const;
    return this.together((all) => statisticsOf(all, asked).variance);
  }

  /**
   * Reads the moments of all chunks so far, and of what was loaded, as a state: exact integers that
   * go to a file, to another machine, into one with other states. It is that of the call, whatever
   * is added meanwhile, and rounds no further what the GPU has merged. `range` says what of the data
   * the chunks since `load` are, [first, last) of samples or blocks: a state counts nothing twice.
   * Default: samples, from the end of what was loaded, or 0.
   *
   * With masks each group has its own count. Rejects with a NormError for a range that was loaded
   * already, for weights that are not whole, for groups with NaN or infinity, unless the option
   * `ranges` has them counted apart, and if the GPU refused a chunk.
   */
  async state(options: RangeOptions = {}): Promise<MomentsState> {
    const op = `${NAME}.state`;
    this.checkAlive(op);
    const { range } = checkOptions(op, options, RANGE_OPTIONS);
    const state = new MomentsState(this.stateOptions).merge(this.loaded);
    const { name } = this.context.profile;
    if (name) state.notes.adapter = name;
    const added = BigInt(samplesOf(this.parts.chunks));
    if (added === 0n) return state;
    const first = state.ranges.at(-1)?.[1] ?? 0n;
    const usual: Range = [first, first + added];
    return state.addAll(op, await readParts(op, this.parts.chunks, COUNTED_APART), range ?? usual);
  }

  /**
   * Takes a state in, before the first chunk: the moments go on from there, as after a crash. The
   * state stays the caller's. Throws NormError for a state of another shape, other axes or another
   * dtype, or of 2^53 values a group and more, and after a chunk.
   */
  load(state: MomentsState): void {
    const op = `${NAME}.load`;
    this.checkAlive(op);
    if (this.parts.parts.length > 0) {
      fail(op, `${this.samples} samples are counted, expected an accumulator without any`);
    }
    const { loaded, tally, samples } = checkState(op, state, this.stateOptions);
    if (samples > 0) {
      const part = partOf(this.context, loaded, this.kept, tally, this.ranges !== undefined);
      this.parts.load({ part, counted: { tally }, samples });
    }
    this.loaded = loaded;
  }

  /**
   * Yields y = (x - mean) / sqrt(variance + eps) * weight + bias of chunks, with the moments so
   * far; usually in a second pass over the source that `addAll` read. It yields a block of y for
   * each block of x, in order, while the GPU works on the next. weight and bias have the moments'
   * shape, [C] for example, or broadcast to a chunk as scale and shift do; eps: 1e-5; dtype: as x.
   * Masked elements of a value `{ chunk, mask }` become the mask's `fill`.
   *
   * Throws NormError at the call for unknown options and before the first chunk; then it rejects as
   * `addAll` does. Leaving the loop closes the source.
   */
  normalize<A extends OutputForm = "array">(
    source: ChunkSource<Chunk | MaskedChunk>,
    options: NormalizeOptions<A> = {},
  ): AsyncGenerator<NormalizedChunk<A>, void, void> {
    const op = `${NAME}.normalize`;
    this.checkCounted(op);
    const { as = "array" } = checkOptions(op, options, NORMALIZE_OPTIONS);
    if (as !== "array" && as !== "tensor") fail(op, `as ${show(as)}, expected "array" or "tensor"`);
    checkChunk(op, options, this.format);
    const moments = { meanPair: true, variance: true } as const;
    const onPaper = { ...this.asked(options), ...moments, axes: this.axes };
    applyToChunk.definition.define(specOf([1, ...this.format.shape], this.format.dtype), onPaper);
    return this.normalized(op, source, options) as AsyncGenerator<NormalizedChunk<A>, void, void>;
  }

  /**
   * Returns the blocks of `normalize` as a stream. It asks the source for a chunk when a reader
   * asks for a block of y.
   */
  normalizeStream<A extends OutputForm = "array">(
    source: ChunkSource<Chunk | MaskedChunk>,
    options: NormalizeOptions<A> = {},
  ): ReadableStream<NormalizedChunk<A>> {
    const blocks = this.normalize(source, options);
    const pull = async (controller: ReadableStreamDefaultController<NormalizedChunk<A>>) => {
      const step = await blocks.next();
      if (step.done) controller.close();
      else controller.enqueue(step.value);
    };
    const cancel = async () => {
      await blocks.return();
    };
    return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
  }

  /** Frees its GPU memory. Moments that it returned stay. */
  destroy(): void {
    this.gone = true;
    this.parts.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  private get stateOptions() {
    const { shape, dtype } = this.format;
    return { shape: [-1, ...shape], axes: this.axes, dtype };
  }

  private async *normalized(
    op: string,
    source: ChunkSource<Chunk | MaskedChunk>,
    options: NormalizeOptions<OutputForm>,
  ): AsyncGenerator<NormalizedChunk<OutputForm>, void, void> {
    const { signal, as = "array" } = options;
    const tell = progressOf(options);
    // a group of nothing gives the bias
    const own = { results: MOMENTS_RESULTS, shape: this.keptDims, ofNothing: Infinity };
    const { mean, meanPair, variance } = this.together((all) => statisticsOf(all, own));
    const apply = async ({ data, samples, mask }: Block) => {
      const given = { ...this.asked(options), meanPair, variance, axes: this.axes };
      const y = this.uploaded(op, data, samples, (x) =>
        applyToChunk(x, { ...given, ...(mask && { mask }) }),
      );
      const work = as === "tensor" ? this.arrived(op, y) : taken(y);
      return { y: await work.catch((error) => refused(op, error)), samples };
    };
    const drop = ({ y }: { y: NormalizedChunk<OutputForm> }) => y instanceof Tensor && y.destroy();
    try {
      const blocks = this.blocks(op, source, options);
      for await (const { y, samples } of readAhead(blocks, apply, {
        most: IN_FLIGHT,
        signal,
        drop,
      })) {
        tell(samples);
        yield y;
      }
    } finally {
      destroyMoments({ mean, variance });
    }
  }

  /** Returns a tensor for the caller once the GPU has written it. */
  private async arrived(op: string, y: Tensor): Promise<Tensor> {
    const done = this.context.finished(op).catch(nothing); // the status of y includes this error
    const refused = await y.storage.written.done;
    if (refused !== null) {
      y.destroy();
      throw refused;
    }
    await done;
    return y;
  }

  private async *blocks(
    op: string,
    source: ChunkSource<Chunk | MaskedChunk>,
    { chunk, signal }: StreamOptions,
  ) {
    const blocks = new Blocks(op, this.format, chunk);
    for await (const value of valuesIn(op, source, signal)) yield* blocks.take(value);
    yield* blocks.end();
  }

  /** Submits the work for a block's moments. The promise resolves when it is done. */
  private measure(op: string, { data, samples, mask }: Block): Promise<void> {
    const { axes, ranges } = this;
    const asked = { axes, mask: ranges ? ranges.finite(mask) : mask };
    const [part, records] = this.uploaded(op, data, samples, (x) =>
      this.context.work(() => [chunkMoments(x, asked), ranges?.find(x, { axes, mask })] as const),
    );
    const counted = async (): Promise<Counted> => {
      const found = records && (await ranges?.read(records));
      const exact = mask ? undefined : found?.finiteOf(samples * this.format.perSample);
      return { tally: exact ?? (await tallyOf(part)), ranges: found };
    };
    const added = this.parts.add(part, samples, counted()).catch((error) => refused(op, error));
    return Promise.all([added, this.context.finished(op).catch(nothing)]).then(nothing);
  }

  /** Runs a function on a block as a tensor, and destroys the tensor unless it is the caller's. */
  private uploaded<T>(op: string, data: Block["data"], samples: number, fn: (x: Tensor) => T): T {
    this.checkAlive(op);
    if (data instanceof Tensor) {
      if (data.context === this.context) return fn(data);
      return fail(op, "chunk is a tensor of another context, expected the accumulator's");
    }
    const { shape, dtype } = this.format;
    const x = this.context.tensor(data, [samples, ...shape], { dtype });
    try {
      return fn(x);
    } finally {
      x.destroy();
    }
  }

  /** Picks the options of the norm. Parameters of the moments' shape lie along the kept axes. */
  private asked(options: NormalizeOptions<OutputForm>): NormalizeRequest {
    const { weight, bias, eps, scale, shift, activation, dtype } = options;
    const along = (parameter: typeof weight) => {
      const ours = parameter instanceof Tensor && !parameter.destroyed;
      return ours && sameShape(parameter.shape, this.kept)
        ? parameter.reshape(this.keptDims)
        : parameter;
    };
    return { weight: along(weight), bias: along(bias), eps, scale, shift, activation, dtype };
  }

  /** Runs a function on the moments of all parts. */
  private together<T>(made: (all: AnyMoments) => T): T {
    const { parts } = this.parts;
    const all = mergeTree(parts.map(({ part }) => part));
    try {
      return made(all);
    } finally {
      if (parts.length > 1) destroyMoments(all);
    }
  }

  private checkAlive(op: string): void {
    if (this.gone) fail(op, "the accumulator is destroyed, expected a live one");
    this.context.checkAlive(op);
  }

  private checkCounted(op: string): void {
    this.checkAlive(op);
    if (this.samples === 0) fail(op, "no chunk was added, expected at least one");
  }
}

const samplesOf = (parts: readonly { readonly samples: number }[]) =>
  parts.reduce((sum, { samples }) => sum + samples, 0);

/** Rethrows the GPU's error in one step as an error of the whole operation. */
function refused(op: string, error: Error): never {
  const { message } = error;
  throw message.startsWith(op) ? error : new NormError(`${op}: ${message}`, { cause: error });
}

/** Reads the result to the host. */
async function taken(y: Tensor): Promise<NormalizedChunk<"array">> {
  try {
    return await (isHalf(y.dtype) ? y.readBits() : y.read());
  } finally {
    y.destroy();
  }
}
