// These functions turn f32 values into integers, and quotients of integers into f64, without a
// rounding but the last.

const floats = /* @__PURE__ */ new Float32Array(1);
const words = /* @__PURE__ */ new Uint32Array(floats.buffer);

/** A value of f32 is a whole number of these: 2^-149, its smallest step. */
export const UNIT_BITS = 149;

/** Returns a finite f32 in units of 2^-149. */
export function inUnits(value: number): bigint {
  floats[0] = value;
  const [bits = 0] = words;
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  const size = exponent ? BigInt(fraction | 0x800000) << BigInt(exponent - 1) : BigInt(fraction);
  return bits >>> 31 ? -size : size;
}

/** Returns how many bits a positive integer has, or up to three more. */
const bitsOf = (value: bigint) => 4 * value.toString(16).length;

const KEPT = 60n; // at least: 53 of a result, and more to round by

/** Returns numerator / denominator * 2^exponent, rounded once to f64, ties to even. */
export function quotient(numerator: bigint, denominator: bigint, exponent: number): number {
  if (numerator === 0n) return 0;
  if (numerator < 0n) return -quotient(-numerator, denominator, exponent);
  const shift = KEPT + BigInt(bitsOf(denominator) - bitsOf(numerator));
  const [a, b] =
    shift < 0n ? [numerator, denominator << -shift] : [numerator << shift, denominator];
  const rest = a % b === 0n ? 0n : 1n; // what is cut decides a tie
  return Number((a / b) | rest) * 2 ** (exponent - Number(shift));
}
