// The moments of one tensor become a state at once: of integers exact sums, which the GPU adds in
// whole numbers; of floats what `moments` gives.

import { checkDType, ELEMENTS, isInteger } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, type OptionTable } from "../base/options";
import { checkAxes, sizeOf } from "../base/shape";
import type { MomentsRecord } from "../moments/content";
import { MomentsState } from "../moments/moments_state";
import { checkRange, type StateRange } from "../moments/ranges";
import { destroyMoments } from "../norms/merge_moments";
import { moments } from "../norms/moments";
import { checkCount } from "../norms/shared/norm";
import { statisticsCall } from "../norms/shared/statistics";
import { operation } from "../operation/operation";
import { planExactSums, shiftOf } from "../plan/exact_moments";
import { strideOfStatistics } from "../plan/plan";
import type { Context } from "../runtime/context";
import { type ArraySpec, checkLive, Tensor } from "../runtime/tensor";
import { readParts } from "./stored_state";

export interface MomentsStateOfOptions {
  /** The elements along these axes share statistics, negative from the end. Default: all. */
  axes?: readonly number[] | undefined;
  /**
   * The shape is that of the whole data, of which x is a part; -1 stands for any length. Default:
   * x's, with any length of the reduced axes.
   */
  shape?: readonly number[] | undefined;
  /** x is this part of the data: [first, last), samples or blocks. */
  range: StateRange;
}

type Record = Omit<MomentsRecord, "range">;

const OP = "momentsStateOf";

const OPTIONS: OptionTable<MomentsStateOfOptions> = { axes: ANY, shape: ANY, range: ANY };

/** Adds integers, made not negative, and their squares. The result is the first of four arrays. */
export const exactSums = /* @__PURE__ */ operation({
  name: OP,
  define(x: ArraySpec, { axes }: { axes: readonly number[] }) {
    const reduced = checkAxes(OP, axes, x.shape.length);
    return statisticsCall(OP, x, reduced, {
      results: ["exactSums"],
      plan: planExactSums,
      result: ({ exactSums }) => exactSums,
    });
  },
});

/**
 * Reads the moments of a tensor as a state, which files keep and other machines merge. Of u8, i8 and
 * u16 the sums are exact: the same bytes on every device. Of floats mean and variance have the error
 * of `moments`, about 1e-7 of the deviation and of the variance. It is the state of x as of the
 * call; x stays the caller's.
 *
 * Rejects with a NormError for unknown options, unknown or duplicate axes, a shape that is not x's,
 * a tensor without elements, a range that is none, groups with NaN or infinity, which the GPU does
 * not count apart, and if the GPU refused the work.
 */
export async function momentsStateOf(
  x: Tensor,
  options: MomentsStateOfOptions,
): Promise<MomentsState> {
  const { context, shape, ...stored } = checkLive(OP, "x", x);
  const dtype = checkDType(OP, stored.dtype, "x's dtype", ELEMENTS);
  context.checkAlive(OP);
  const { axes, range, shape: whole } = checkOptions(OP, options, OPTIONS);
  const flags = checkAxes(OP, axes, shape.length);
  checkWhole(whole, shape);
  checkRange(OP, range);
  checkCount(OP, shape, flags);
  const reduced = flags.flatMap((is, i) => (is ? [i] : []));
  const state = new MomentsState({
    shape: whole ?? shape.map((length, i) => (flags[i] ? -1 : length)),
    axes: reduced,
    dtype,
  });
  const { name } = (context as Context).profile;
  if (name) state.notes.adapter = name;
  const records = isInteger(dtype) ? [await readSums(x, reduced)] : await readMoments(x, reduced);
  return state.addAll(OP, records, range);
}

function checkWhole(whole: unknown, shape: readonly number[]): void {
  if (whole === undefined) return;
  const fits =
    Array.isArray(whole) &&
    whole.length === shape.length &&
    whole.every((length, i) => length === -1 || length >= (shape[i] as number));
  if (!fits) fail(OP, `shape ${show(whole)}, expected one that x, ${show(shape)}, is a part of`);
}

async function readMoments(x: Tensor, axes: readonly number[]): Promise<Record[]> {
  const part = moments(x, { axes });
  const reading = readParts(OP, [{ part, counted: { tally: part.count } }]);
  destroyMoments(part); // its copy to the host is submitted
  return reading;
}

async function readSums(x: Tensor, axes: readonly number[]): Promise<Record> {
  const sums = exactSums(x, { axes });
  const { context, storage, shape, strides, offset, size } = sums;
  const planes = [0, 1, 2, 3].map((k) => {
    const at = offset + k * strideOfStatistics(size);
    return new Tensor(context, storage, shape, strides, at, "f32", false).read();
  });
  sums.destroy();
  const words = (await Promise.all(planes)).map(({ buffer }) => new Uint32Array(buffer));
  const wide = (k: number, i: number) =>
    (BigInt(words[k + 1]?.[i] ?? 0) << 32n) | BigInt(words[k]?.[i] ?? 0);
  const count = BigInt(sizeOf(axes.map((axis) => x.shape[axis] as number)));
  const shift = BigInt(shiftOf(x.dtype));
  const groups = Array.from({ length: size }, (_, i) => {
    const [sum, squares] = [wide(0, i), wide(2, i)];
    return [sum - shift * count, squares - 2n * shift * sum + shift * shift * count] as const;
  });
  return {
    count,
    sum: groups.map(([sum]) => sum),
    squares: groups.map(([, squares]) => squares),
  };
}
