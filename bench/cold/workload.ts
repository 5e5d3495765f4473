// The workload of a cold start is LayerNorm of a [4096, 768] tensor with weight and bias, from
// numbers on the CPU to numbers on the CPU. Its data costs almost nothing to make, since it is made
// before the clock starts.

export const ROWS = 4096;
export const LENGTH = 768;
export const EPS = 1e-5;

export const x = Float32Array.from({ length: ROWS * LENGTH }, (_, i) => ((i * 7919) % 1024) / 512);
export const weight = Float32Array.from({ length: LENGTH }, (_, i) => 1 + (i % 7) / 10);
export const bias = Float32Array.from({ length: LENGTH }, (_, i) => (i % 5) / 10);

/** One library's part: loads, computes, and gives y. */
export type First = () => Promise<Float32Array>;
