// This file computes f16 and bf16 by their definition, slowly: a table of all numbers, and the
// nearest in it.

export type Half = "f16" | "bf16";

export const HALVES: readonly Half[] = ["f16", "bf16"];

/** Bits of the fraction, and what the exponent is stored relative to. */
const FORMATS = { f16: [10, 15], bf16: [7, 127] } as const;

/** The bits of infinity: every pattern above is NaN, every one below a number. */
export const INFINITE = { f16: 0x7c00, bf16: 0x7f80 } as const;

export const isNaNBits = (bits: number, half: Half) => (bits & 0x7fff) > INFINITE[half];

/** The number, where infinity is the one that would come next. */
function magnitude(bits: number, half: Half): number {
  const [fractionBits, bias] = FORMATS[half];
  const exponent = bits >>> fractionBits;
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  return exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
}

export function numberOf(bits: number, half: Half): number {
  if (isNaNBits(bits, half)) return Number.NaN;
  const size = bits & 0x7fff;
  const value = size === INFINITE[half] ? Number.POSITIVE_INFINITY : magnitude(size, half);
  return bits & 0x8000 ? -value : value;
}

const tables = new Map<Half, Float64Array>();

function tableOf(half: Half): Float64Array {
  const table =
    tables.get(half) ??
    Float64Array.from({ length: INFINITE[half] + 1 }, (_, bits) => magnitude(bits, half));
  tables.set(half, table);
  return table;
}

/** The bits of the nearest number, of the even one of two. Not for NaN. */
export function nearest(value: number, half: Half): number {
  const table = tableOf(half);
  const a = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  let low = 0;
  let high = table.length - 1;
  if (a >= table[high]) return sign | high;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (table[middle] <= a) low = middle;
    else high = middle;
  }
  const [below, above] = [a - table[low], table[high] - a];
  if (below === above) return sign | (low % 2 === 0 ? low : high);
  return sign | (below < above ? low : high);
}

export const allBits = () => Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** f32s where rounding is decided: every number, the middle to the next, and what lies beside that. */
export function criticalFloats(half: Half): Float32Array<ArrayBuffer> {
  const table = tableOf(half);
  const words = new Uint32Array(8 * table.length);
  const floats = new Float32Array(words.buffer);
  for (let bits = 0; bits < table.length; bits++) {
    const next = bits + 1 < table.length ? table[bits + 1] : Number.POSITIVE_INFINITY;
    const at = 8 * bits;
    floats.fill(Number.isFinite(next) ? (table[bits] + next) / 2 : next, at, at + 3); // fits f32
    words[at + 1] -= 1;
    words[at + 2] += next === Number.POSITIVE_INFINITY ? 0 : 1;
    floats[at + 3] = table[bits];
    for (let i = 0; i < 4; i++) floats[at + 4 + i] = -floats[at + i];
  }
  return floats;
}

/** f32s with bits of any kind, no NaN. */
export function anyFloats(count: number): Float32Array<ArrayBuffer> {
  const words = Uint32Array.from({ length: count }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0);
  return new Float32Array(words.buffer).map((v) => (Number.isNaN(v) ? 0 : v));
}
