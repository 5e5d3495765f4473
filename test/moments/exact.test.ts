// The integers of a state are the f32 values, and its results are rounded once.

import { expect, test } from "vitest";
import { inUnits, quotient, UNIT_BITS } from "../../src/moments/exact";
import { Random } from "../support/random";

const random = new Random(7);
const word = () => random.below(2 ** 32);

/** Any finite f32, each exponent as often as each other. */
function anyFloat(): number {
  const value = new Float32Array(Uint32Array.of(word()).buffer)[0];
  return Number.isFinite(value) ? value : anyFloat();
}

test("f32 in units of 2^-149 is itself, subnormal or not", () => {
  expect(inUnits(2 ** -149)).toBe(1n);
  expect(inUnits(-(2 ** -126))).toBe(-(1n << 23n));
  expect(inUnits(1)).toBe(1n << 149n);
  expect(inUnits(-0)).toBe(0n);
  expect(inUnits(3.4028234663852886e38)).toBe(((1n << 24n) - 1n) << 253n);
  for (let i = 0; i < 2000; i++) {
    const value = anyFloat();
    expect(Number(inUnits(value)) * 2 ** -UNIT_BITS).toBe(value);
  }
});

/** The f64 above a positive one. */
function next(value: number): number {
  const floats = Float64Array.of(value);
  new BigUint64Array(floats.buffer)[0]++;
  return floats[0];
}

test("a quotient is the nearest f64, ties to even", () => {
  for (let i = 0; i < 2000; i++) {
    const low = 2 ** 52 + random.below(2 ** 31) * 2 ** 20 + random.below(2 ** 20);
    const even = low % 2 === 0 ? low : next(low);
    const times = BigInt(word()) ** BigInt(random.below(9)) + 1n;
    const exponent = random.below(500) - 300;
    const scale = 2 ** exponent;
    const tie = 2n * BigInt(low) + 1n; // halfway to the next, over 2
    const of = (numerator: bigint, denominator: bigint) =>
      quotient(numerator * times, denominator * times, exponent);
    expect(of(BigInt(low), 1n)).toBe(low * scale);
    expect(of(-BigInt(low), 1n)).toBe(-low * scale);
    expect(of(tie, 2n)).toBe(even * scale);
    const fine = 1n << BigInt(60 + random.below(240));
    expect(of(tie * fine - 1n, 2n * fine)).toBe(low * scale);
    expect(of(tie * fine + 1n, 2n * fine)).toBe(next(low) * scale);
  }
  expect(quotient(0n, 3n, 0)).toBe(0);
});
