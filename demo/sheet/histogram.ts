// The histogram of a pile, as its values are centred and scaled.

export interface Histogram {
  readonly bins: Float32Array;
  readonly mean: number;
  readonly deviation: number;
}

export const RANGE: readonly [number, number] = [-3, 3];
const BINS = 36;

/** Counts values between x and y, and measures them. Bins are shares of the largest one. */
export function histogramOf(
  members: Int32Array,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  mix: number,
): Histogram {
  const bins = new Float32Array(BINS);
  const scale = BINS / (RANGE[1] - RANGE[0]);
  let sum = 0;
  let squares = 0;
  for (const i of members) {
    const from = x[i] as number;
    const value = from + mix * ((y[i] as number) - from);
    const bin = Math.floor((value - RANGE[0]) * scale);
    if (bin >= 0 && bin < BINS) bins[bin] = (bins[bin] as number) + 1;
    sum += value;
    squares += value * value;
  }
  const mean = sum / members.length;
  const most = bins.reduce((a, b) => Math.max(a, b), 1);
  return {
    bins: bins.map((count) => count / most),
    mean,
    deviation: Math.sqrt(Math.max(0, squares / members.length - mean * mean)),
  };
}
