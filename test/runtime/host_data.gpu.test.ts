// Tensors are made of any array of numbers that callers have: each gives its values, or its own
// bits.

import { expect } from "vitest";
import type { DType, HostData } from "../../src/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";

const DTYPES: readonly DType[] = ["f32", "f16", "bf16", "u8", "i8", "u16"];

const ARRAYS: readonly HostData[] = [
  [3, 0, 100],
  Float32Array.of(3, 0, 100),
  Float64Array.of(3, 0, 100),
  Int8Array.of(3, 0, 100),
  Uint8Array.of(3, 0, 100),
  Uint8ClampedArray.of(3, 0, 100),
  Int16Array.of(3, 0, 100),
  Int32Array.of(3, 0, 100),
  Uint32Array.of(3, 0, 100),
  BigInt64Array.of(3n, 0n, 100n),
  BigUint64Array.of(3n, 0n, 100n),
];

for (const data of ARRAYS) {
  test(`values of ${data.constructor.name} in every dtype`, async ({ ctx }) => {
    for (const dtype of DTYPES) {
      const values = await ctx.tensor(data, [3], { dtype }).read();
      expect([...values], dtype).toEqual([3, 0, 100]);
    }
  });
}

test("a Float64Array is rounded, not reinterpreted", async ({ ctx }) => {
  const data = Float64Array.of(0.1, -1e300, Number.NaN, 2 ** -160);
  expect([...(await ctx.tensor(data, [4]).read())]).toEqual([Math.fround(0.1), -Infinity, NaN, 0]);
});

type Float16Class = new (bits: ArrayBufferLike) => ArrayBufferView;

test("a Float16Array gives its bits to f16, and its values to others", async ({ ctx, skip }) => {
  const { Float16Array } = globalThis as { Float16Array?: Float16Class };
  if (!Float16Array) return skip("no Float16Array here");
  const bits = Uint16Array.of(0x3c00, 0x0001, 0xfbff, 0x7c00, 0x8000);
  const data = new Float16Array(bits.buffer);
  const f16 = ctx.tensor(data, [5], { dtype: "f16" });
  const given = await f16.readBits();
  expect([...given]).toEqual([...bits]);
  const back = new Float16Array(given.buffer) as unknown as Iterable<number>;
  expect([...back]).toEqual([1, 2 ** -24, -65504, Infinity, -0]);
  expect([...(await ctx.tensor(data, [5]).read())]).toEqual([1, 2 ** -24, -65504, Infinity, -0]);
  const bf16 = await ctx.tensor(data, [5], { dtype: "bf16" }).read();
  expect([...bf16]).toEqual([1, 2 ** -24, -65536, Infinity, -0]);
});

test("bits keep every pattern, those of NaN too", async ({ ctx }) => {
  const bits = Uint16Array.of(0x7e01, 0xfe02, 0x7c01);
  for (const dtype of ["f16", "bf16"] as const) {
    const read = await ctx.tensor(bits, [3], { dtype }).readBits();
    expect([...read], dtype).toEqual([...bits]);
  }
});

test("a DataView has little-endian bytes of the dtype, at any byte", async ({ ctx }) => {
  const view = new DataView(new ArrayBuffer(14), 1, 12);
  for (const [i, value] of [1.5, -2, 1e-3].entries()) view.setFloat32(4 * i, value, true);
  const f32 = await ctx.tensor(view, [3]).read();
  expect([...f32]).toEqual([1.5, -2, Math.fround(1e-3)]);
  const halves = new DataView(view.buffer, 3, 6);
  for (const [i, bits] of [0x3c00, 0xc000, 0x0001].entries()) halves.setUint16(2 * i, bits, true);
  const f16 = await ctx.tensor(halves, [3], { dtype: "f16" }).read();
  expect([...f16]).toEqual([1, -2, 2 ** -24]);
});

test("shared and resizable memory is copied", async ({ ctx }) => {
  // pages without isolation have no SharedArrayBuffer, but this one
  const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer;
  const resizable = new Resizable(64, { maxByteLength: 128 });
  for (const memory of [buffer, resizable] as ArrayBufferLike[]) {
    const floats = new Float32Array(memory, 16, 4);
    floats.set([1, 2, 3, 4]);
    expect([...(await ctx.tensor(floats, [4]).read())]).toEqual([1, 2, 3, 4]);
    const halves = new Uint16Array(memory, 0, 4);
    halves.fill(0x3c00);
    const f16 = ctx.tensor(halves, [4], { dtype: "f16" });
    halves.fill(0);
    expect([...(await f16.read())]).toEqual([1, 1, 1, 1]);
  }
});

test("arrays of another realm are arrays", async ({ ctx, skip }) => {
  if (typeof document === "undefined") return skip("no frames here");
  const frame = document.body.appendChild(document.createElement("iframe"));
  const { Float32Array: Foreign } = frame.contentWindow as unknown as typeof globalThis;
  const data = Foreign.of(1, 2, 3);
  expect(data).not.toBeInstanceOf(Float32Array);
  expect([...(await ctx.tensor(data, [3]).read())]).toEqual([1, 2, 3]);
  frame.remove();
});

const hole: number[] = [1, 2, 3];
delete hole[1];
const long: number[] = [];
long.length = 4e9;

const ERRORS: ErrorCase[] = [
  [
    "a hole",
    ({ ctx }) => ctx.tensor(hole, [3]),
    ["tensor: data[1] is undefined", "expected a number"],
  ],
  [
    "a list of lists",
    ({ ctx }) => ctx.tensor([[1, 2], [3]] as never, [2]),
    ["tensor: data[0] is [1, 2]", "expected a number"],
  ],
  [
    "text among numbers",
    ({ ctx }) => ctx.tensor([1, "2"] as never, [2], { dtype: "f16" }),
    ['tensor: data[1] is "2"', "expected a number"],
  ],
  ["text", ({ ctx }) => ctx.tensor("12" as never, [2]), ['tensor: data "12"', "array of numbers"]],
  [
    "nothing",
    ({ ctx }) => ctx.tensor(null as never, [2]),
    ["tensor: data null", "array of numbers"],
  ],
  [
    "a buffer without a view",
    ({ ctx }) => ctx.tensor(new ArrayBuffer(8) as never, [2]),
    ["tensor: data an ArrayBuffer", "array of numbers"],
  ],
  [
    "a list of four thousand million, at once",
    ({ ctx }) => ctx.tensor(long, [2]),
    ["tensor: 4000000000 values for shape [2]", "expected 2"],
  ],
  [
    "bytes of another number of values",
    ({ ctx }) => ctx.tensor(new DataView(new ArrayBuffer(8)), [3]),
    ["tensor: 2 values for shape [3]", "expected 3"],
  ],
  [
    "bytes that end within a value",
    ({ ctx }) => ctx.tensor(new DataView(new ArrayBuffer(3)), [1], { dtype: "f16" }),
    ["tensor: 1.5 values for shape [1]", "expected 1"],
  ],
];

testErrors(ERRORS);
