// These tests compare f16 and bf16 in the shaders with the CPU, bit by bit.

import { describe, expect } from "vitest";
import { DTYPES } from "../../src/base/dtype";
import { halves } from "../../src/wgsl/files";
import { test } from "../support/fixture";
import {
  allBits,
  anyFloats,
  criticalFloats,
  HALVES,
  type Half,
  isNaNBits,
} from "../support/halves";
import { runKernel } from "../support/run_kernel";

function floatsFor(half: Half): Float32Array<ArrayBuffer> {
  const special = [NaN, -NaN, Infinity, -Infinity, 1e30, -1e30, 65519.99, 65520, 0, -0, 1e-40, 1];
  const all = [...criticalFloats(half), ...anyFloats(100_000), ...special];
  return Float32Array.from(all.slice(all.length % 4));
}

/** A device may take f32s below 2^-126 for 0. */
const isTiny = (value: number) => value !== 0 && Math.abs(value) < 2 ** -126;

const sameBits = (a: number, b: number, half: Half) =>
  a === b || (isNaNBits(a, half) && isNaNBits(b, half));

const described = (words: readonly [string, number, number][]) =>
  words.slice(0, 5).map(([what, a, b]) => `${what}: ${a.toString(16)}, expected ${b.toString(16)}`);

describe.each(HALVES)("%s", (half) => {
  test("every pattern widens as on the CPU, alone and four at once", async ({ device }) => {
    const bits = allBits();
    const data = new Uint32Array(bits.buffer);
    const count = bits.length / 4;
    const body = `
      let words = input[i];
      let wide = decode4(words, ${DTYPES[half].code}u);
      for (var k = 0u; k < 4u; k++) {
        output[4u * i + k] = wide[k];
        output[${bits.length}u + 4u * i + k] = decodeElement(words[k / 2u], k, ${DTYPES[half].code}u);
      }`;
    const kernel = { body, input: "vec2u", output: "f32" };
    const words = await runKernel(device, [halves], kernel, data, count, 2 * bits.length);
    const given = new Float32Array(words.buffer);
    const expected = DTYPES[half].decode(bits);
    const wrong = [...given].flatMap((value, i): [string, number, number][] => {
      const right = expected[i % bits.length];
      if (Object.is(value, right) || (isTiny(right) && value === 0)) return [];
      return [[`0x${(i % bits.length).toString(16)}`, value, right]];
    });
    expect(described(wrong)).toEqual([]);
  });

  test("numbers narrow as on the CPU", async ({ device }) => {
    const floats = floatsFor(half);
    const body = `output[i] = encode4(input[i], ${DTYPES[half].code}u);`;
    const kernel = { body, input: "vec4f", output: "vec2u" };
    const data = new Uint32Array(floats.buffer);
    const count = floats.length / 4;
    const words = await runKernel(device, [halves], kernel, data, count, 2 * count);
    const given = new Uint16Array(words.buffer);
    const expected = DTYPES[half].encode(floats);
    const wrong = [...given].flatMap((bits, i): [string, number, number][] => {
      if (sameBits(bits, expected[i], half)) return [];
      if (isTiny(floats[i]) && (bits & 0x7fff) === 0) return [];
      return [[`${floats[i]}`, bits, expected[i]]];
    });
    expect(floats.length).toBeGreaterThan(200_000);
    expect(described(wrong)).toEqual([]);
  });
});

// WGSL leaves the rounding open, and what is beyond the largest number
test("the device's own f16 rounds to a neighbour", async ({ device, skip }) => {
  skip(!device.features.has("shader-f16"), "the device has no shader-f16");
  const floats = floatsFor("f16").map((value) => (Math.abs(value) < 65504 ? value : 1));
  const kernel = {
    body: "output[i] = vec4<f16>(input[i]);",
    input: "vec4f",
    output: "vec4<f16>",
  };
  const data = new Uint32Array(floats.buffer);
  const count = floats.length / 4;
  const words = await runKernel(device, [], kernel, data, count, 2 * count);
  const given = DTYPES.f16.decode(new Uint16Array(words.buffer));
  const wrong = [...given].filter((value, i) => {
    const step = Math.max(2 ** (Math.floor(Math.log2(Math.abs(floats[i]))) - 10), 2 ** -24);
    const flushed = value === 0 && Math.abs(floats[i]) < 2 ** -14;
    return !(Math.abs(value - floats[i]) < step) && !flushed;
  });
  expect(wrong).toEqual([]);
});
