// The least and the largest finite value of each group, and the numbers of NaN, infinity and minus
// infinity: counted on the GPU, exact, in any order.

import { checkAxes, sizeOf } from "../base/shape";
import { statisticsProblem } from "../norms/merge_moments";
import { layoutsOf, problemOf } from "../norms/shared/norm";
import { fullShape } from "../norms/shared/placement";
import { operation } from "../operation/operation";
import { planFindRanges, planMergeRanges, RECORD_WORDS } from "../plan/ranges";
import type { Call } from "../runtime/call";
import type { ArraySpec, Tensor } from "../runtime/tensor";

const OP = "MomentsAccumulator.add";

/** Describes a call that returns records: one a group, [..., 8] words in a tensor of f32. */
const recordsCall = (
  kept: readonly number[],
  call: Pick<Call<Tensor>, "problem" | "plan" | "arrays">,
): Call<Tensor> => ({
  ...call,
  outputs: { records: { shape: [...kept, RECORD_WORDS], dtype: "f32" } },
  statisticsShape: [],
  result: ({ outputs }) => outputs.records as Tensor,
});

/** Finds the ranges of a chunk. */
export const findRanges = /* @__PURE__ */ operation({
  name: OP,
  first: "chunk",
  define(x: ArraySpec, { axes }: { axes: readonly number[] }) {
    const reduced = checkAxes(OP, axes, x.shape.length);
    const n = { op: OP, x, reduced, eps: 0 };
    return recordsCall(
      x.shape.filter((_, i) => !reduced[i]),
      {
        problem: problemOf(n, {}, layoutsOf(n, { x: fullShape(x) })),
        plan: planFindRanges,
        arrays: { x },
      },
    );
  },
});

/** Merges the ranges of two parts. */
export const mergeRanges = /* @__PURE__ */ operation({
  name: OP,
  first: "records",
  define(recordsA: ArraySpec, { records: recordsB }: { records: ArraySpec }) {
    const kept = recordsA.shape.slice(0, -1);
    return recordsCall(kept, {
      problem: statisticsProblem(OP, {}, kept, [], {}),
      plan: planMergeRanges,
      arrays: { recordsA, recordsB },
    });
  },
});

/** Ranges on the host have one entry a group. */
export interface HostRanges {
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly nan: bigint[];
  readonly posInf: bigint[];
  readonly negInf: bigint[];
}

const SIGN = 0x80000000;

/** Reads ranges; a group without finite values has Infinity and -Infinity. */
export async function readRanges(records: Tensor): Promise<HostRanges> {
  const { buffer } = await records.read();
  const words = new Uint32Array(buffer);
  const groups = sizeOf(records.shape) / RECORD_WORDS;
  const word = (group: number, at: number) => words[group * RECORD_WORDS + at] as number;
  const list = <T>(value: (group: number) => T) =>
    Array.from({ length: groups }, (_, i) => value(i));
  const bitsOf = (key: number) => (key >= SIGN ? key - SIGN : ~key);
  const floats = (bits: number[]) => new Float32Array(Uint32Array.from(bits).buffer);
  const [minus, plus] = new Uint32Array(Float32Array.of(-Infinity, Infinity).buffer);
  const counts = (at: number) =>
    list((i) => BigInt(word(i, at)) + (BigInt(word(i, at + 1)) << 32n));
  return {
    min: floats(list((i) => (word(i, 0) ? bitsOf(~word(i, 0) >>> 0) : (plus as number)))),
    max: floats(list((i) => (word(i, 1) ? bitsOf(word(i, 1)) : (minus as number)))),
    nan: counts(2),
    posInf: counts(4),
    negInf: counts(6),
  };
}
