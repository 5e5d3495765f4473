// The least and the largest finite value of each group, and the numbers of NaN, infinity and minus
// infinity: found on the GPU, exact. They come with an option of streams.

import { checkAxes } from "../base/shape";
import { layoutsOf, problemOf, specsOf } from "../norms/shared/norm";
import type { Mask, MaskedNorm } from "../norms/shared/options";
import { fullShape } from "../norms/shared/placement";
import { operation } from "../operation/operation";
import { finiteRules } from "../plan/masking";
import { planFindRanges, RECORD_WORDS } from "../plan/ranges";
import type { ArraySpec, Tensor } from "../runtime/tensor";

const OP = "MomentsAccumulator.add";

interface FindOptions {
  axes: readonly number[];
  mask?: Mask | undefined;
}

/** Finds the records of a chunk: one a group, five words in a tensor of f32. */
const findRecords = /* @__PURE__ */ operation({
  name: OP,
  first: "chunk",
  define(x: ArraySpec, { axes, mask }: FindOptions) {
    const reduced = checkAxes(OP, axes, x.shape.length);
    const kept = x.shape.filter((_, i) => !reduced[i]);
    const n = { op: OP, x, reduced, eps: 0 };
    const masked = mask?.place(n);
    const operands = { x: fullShape(x), ...masked?.operands };
    return {
      problem: problemOf(n, {}, layoutsOf(n, operands), masked),
      plan: planFindRanges,
      arrays: specsOf(operands),
      outputs: { records: { shape: [...kept, RECORD_WORDS], dtype: "f32" as const } },
      statisticsShape: [],
      result: ({ outputs }) => outputs.records as Tensor, // all outputs of a call are there
    };
  },
});

/** Ranges have one entry a group. A group without finite values has Infinity and -Infinity. */
export class GroupRanges {
  constructor(
    readonly min: Float32Array,
    readonly max: Float32Array,
    readonly nan: readonly bigint[],
    readonly posInf: readonly bigint[],
    readonly negInf: readonly bigint[],
  ) {}

  /** Returns the ranges of two parts together. */
  with(other: GroupRanges): GroupRanges {
    const sum = (a: readonly bigint[], b: readonly bigint[]) =>
      a.map((count, i) => count + (b[i] as bigint));
    return new GroupRanges(
      this.min.map((value, i) => Math.min(value, other.min[i] as number)),
      this.max.map((value, i) => Math.max(value, other.max[i] as number)),
      ...([sum(this.nan, other.nan), sum(this.posInf, other.posInf)] as const),
      sum(this.negInf, other.negInf),
    );
  }

  /** Returns how many of so many values of each group are finite. */
  finiteOf(values: number): Float64Array {
    return Float64Array.from(this.nan, (count, i) =>
      Number(BigInt(values) - count - (this.posInf[i] as bigint) - (this.negInf[i] as bigint)),
    );
  }
}

const SIGN = 0x80000000;

const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0] as number;

/** Reads records (ranges/record.wgsl has their words), and frees them. */
async function readRecords(records: Tensor): Promise<GroupRanges> {
  const reading = records.read();
  records.destroy();
  const words = new Uint32Array((await reading).buffer); // the bits of keys and counts
  const groups = Array.from({ length: words.length / RECORD_WORDS }, (_, i) => RECORD_WORDS * i);
  const bits = (key: number) => (key >= SIGN ? key - SIGN : ~key);
  const extremes = (at: number, none: number, keyOf: (word: number) => number) => {
    const found = groups.map((first) => words[first + at] as number);
    const all = found.map((word) => (word === 0 ? bitsOf(none) : bits(keyOf(word))));
    return new Float32Array(Uint32Array.from(all).buffer);
  };
  const counts = (at: number) => groups.map((first) => BigInt(words[first + at] as number));
  return new GroupRanges(
    extremes(0, Infinity, (word) => ~word >>> 0),
    extremes(1, -Infinity, (word) => word),
    ...([counts(2), counts(3), counts(4)] as const),
  );
}

/** An accumulator with ranges counts by these functions. */
export interface Ranges {
  /** @internal Returns a mask by which finite elements count, those of a mask if there is one. */
  readonly finite: (mask?: Mask) => Mask;
  /** @internal */
  readonly find: (chunk: Tensor, options: FindOptions) => Tensor;
  /** @internal */
  readonly read: (records: Tensor) => Promise<GroupRanges>;
}

const finite = (mask?: Mask): Mask => ({
  place: (n: MaskedNorm) => {
    const own = mask?.place(n);
    return { operands: {}, uniforms: {}, ...own, rules: finiteRules(own?.rules) };
  },
  destroy: () => {},
});

/**
 * The option `ranges` of `MomentsAccumulator` takes this: moments are then of finite values alone,
 * and states have the least and the largest of them, and the numbers of NaN, Infinity and -Infinity.
 */
export const countRanges: Ranges = { finite, find: findRecords, read: readRecords };
