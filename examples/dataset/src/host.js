// The host measures without a GPU, for machines that have none. It says so in every result.

import { MomentsState } from "webgpu-norm/moments";

/** So many squares of 16 bits are exact in f64. */
const EXACT = 2 ** 21;

/**
 * Returns the group of each place of a sample, and how many groups there are.
 *
 * @param {readonly number[]} sample
 * @param {readonly number[]} axes of the whole shape, whose first axis is the samples'
 */
function groupsOf(sample, axes) {
  let of = [0];
  let count = 1;
  sample.forEach((length, i) => {
    const kept = !axes.includes(i + 1) && !axes.includes(i - sample.length);
    const at = (/** @type {number} */ group, /** @type {number} */ k) =>
      kept ? group * length + k : group;
    of = of.flatMap((group) => Array.from({ length }, (_, k) => at(group, k)));
    if (kept) count *= length;
  });
  return { of, count };
}

/** @param {import("./types.d.ts").Values} values @param {ReturnType<typeof groupsOf>} groups */
function integers(values, { of, count }) {
  const totals = { sum: Array(count).fill(0n), squares: Array(count).fill(0n) };
  const rows = Math.max(1, Math.floor(EXACT / of.length)); // no group has more than EXACT of them
  for (let from = 0; from < values.length; from += rows * of.length) {
    const [sums, squares] = [new Float64Array(count), new Float64Array(count)];
    const part = values.subarray(from, from + rows * of.length);
    for (let i = 0; i < part.length; i++) {
      const group = of[i % of.length];
      sums[group] += part[i];
      squares[group] += part[i] ** 2;
    }
    for (let group = 0; group < count; group++) {
      totals.sum[group] += BigInt(sums[group]);
      totals.squares[group] += BigInt(squares[group]);
    }
  }
  return totals;
}

/** @param {import("./types.d.ts").Values} values @param {ReturnType<typeof groupsOf>} groups */
function floats(values, { of, count }) {
  const n = values.length / of.length / (count / of.length);
  const [mean, variance] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < values.length; i++) mean[of[i % of.length]] += values[i] / n;
  const group = mean.findIndex((value) => !Number.isFinite(value));
  if (group >= 0) throw new Error(`group ${group} has values that are not finite`);
  for (let i = 0; i < values.length; i++) {
    const group = of[i % of.length];
    variance[group] += (values[i] - mean[group]) ** 2 / n;
  }
  const pivot = Float32Array.from(mean);
  return {
    pivot,
    delta: Float32Array.from(mean, (m, i) => m - pivot[i]),
    variance: [...variance].map(Math.fround),
  };
}

/** @type {import("./types.d.ts").Device} */
export const host = {
  name: "host, no GPU",
  measure: async (values, { shape, axes, dtype }, range) => {
    if (dtype === "f16") throw new Error("dtype f16 on the host, expected a GPU for it");
    const groups = groupsOf(shape.slice(1), axes);
    const count = values.length / groups.count;
    const moments = dtype === "f32" ? floats(values, groups) : integers(values, groups);
    return new MomentsState({ shape, axes, dtype }).add({ count, range, ...moments });
  },
};
