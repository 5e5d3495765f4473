// These tests compare f16 and bf16 on the CPU with tables of all their numbers.

import { describe, expect, test } from "vitest";
import { DTYPES } from "../../src/base/dtype";
import {
  allBits,
  anyFloats,
  criticalFloats,
  HALVES,
  type Half,
  INFINITE,
  isNaNBits,
  nearest,
  numberOf,
} from "../support/halves";

/** The first of the values whose bits are not the nearest, as text. */
function misrounded(values: Float32Array, half: Half): string | undefined {
  const given = DTYPES[half].encode(values);
  const at = given.findIndex((bits, i) => bits !== nearest(values[i], half));
  return at < 0 ? undefined : `${values[at]} is 0x${given[at].toString(16)}`;
}

describe.each(HALVES)("%s", (half) => {
  test("every pattern has the value of its definition", () => {
    const bits = allBits();
    const values = DTYPES[half].decode(bits);
    const wrong = bits.filter((b) => !Object.is(values[b], numberOf(b, half)));
    expect([...wrong]).toEqual([]);
  });

  test("there and back every pattern is the same, and NaN still NaN", () => {
    const all = allBits();
    const back = DTYPES[half].encode(DTYPES[half].decode(all));
    const same = (b: number) => (isNaNBits(b, half) ? isNaNBits(back[b], half) : back[b] === b);
    expect([...all.filter((b) => !same(b))]).toEqual([]);
  });

  test("every number, every middle between two and its neighbours go to the nearest", () => {
    expect(misrounded(criticalFloats(half), half)).toBeUndefined();
  });

  test("so do numbers of all magnitudes", () => {
    expect(misrounded(anyFloats(200_000), half)).toBeUndefined();
  });

  test("infinities stay, and NaN is a quiet one", () => {
    const [infinity, negative, nan] = DTYPES[half].encode([Infinity, -Infinity, NaN]);
    expect([infinity, negative]).toEqual([INFINITE[half], INFINITE[half] | 0x8000]);
    expect(nan & 0x7fff).toBe(half === "f16" ? 0x7e00 : 0x7fc0);
  });
});

test("f16 overflows halfway to 65536", () => {
  const values = [65504, 65519.99, 65520, 65536, 1e30, -65519.99, -65520];
  const expected = [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00, 0xfbff, 0xfc00];
  expect([...DTYPES.f16.encode(values)]).toEqual(expected);
});

test("bf16 overflows halfway to 2^128", () => {
  const halfway = 2 ** 128 - 2 ** 119;
  const values = [2 ** 128 - 2 ** 120, halfway - 2 ** 104, halfway, -(2 ** 128 - 2 ** 104)];
  expect([...DTYPES.bf16.encode(values)]).toEqual([0x7f7f, 0x7f7f, 0x7f80, 0xff80]);
});

test("subnormals: the smallest, half of it, and what is just above that", () => {
  const f16 = [2 ** -24, 2 ** -25, 2 ** -25 * (1 + 2 ** -23), 1.5 * 2 ** -24, -(2 ** -149), -0];
  expect([...DTYPES.f16.encode(f16)]).toEqual([1, 0, 1, 2, 0x8000, 0x8000]);
  const bf16 = [2 ** -133, 2 ** -134, 2 ** -134 + 2 ** -149, 2 ** -149];
  expect([...DTYPES.bf16.encode(bf16)]).toEqual([1, 0, 1, 0]);
});
