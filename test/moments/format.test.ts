// The bytes of version 1 are what they were, and damaged ones are refused.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";
import { NormError } from "../../src/base/errors";
import { crc32 } from "../../src/moments/crc32";
import { MomentsState } from "../../src/moments/index";

const golden = (name: string) => readFileSync(join(root, "test", "moments", "golden", name));

/** What the files are of. They stay for ever: a later version may write other bytes, and reads these. */
const GOLDEN: Readonly<Record<string, () => MomentsState>> = {
  empty: () => new MomentsState({ shape: [] }),
  channels: () =>
    new MomentsState({ shape: [-1, 3, -1, -1], axes: [0, 2, 3], dtype: "f16" })
      .add({
        ...{ count: 1000n, range: [0n, 10n] },
        ...{ pivot: [1e6, -2, 2 ** -140], delta: [0.25, 2 ** -30, 0], variance: [1, 0, 4] },
        ...{ min: [999_990, -2, -8], max: [1_000_009, -2, 9] },
      })
      .add({
        ...{ count: 5n, range: [100n, 2n ** 64n - 1n] },
        ...{ pivot: [1e6, 3, 1], delta: [-0.125, 0, 0.5], variance: [2, 0.5, 2 ** 100] },
        ...{ min: [999_000, 2, -7], max: [1_000_001, 4, 2 ** 53] },
      }),
  masked: () =>
    new MomentsState({ shape: [2, -1], axes: [1], dtype: "bf16" }).add({
      ...{ count: [7n, 0n], range: [3n, 4n] },
      ...{ pivot: [-1, 0], delta: [0, 0], variance: [3.5, 0] },
      ...{ nan: [0n, 2n], posInf: [1n, 0n], negInf: [0n, 2n ** 63n] },
    }),
  pixels: () =>
    new MomentsState({ shape: [-1], dtype: "u8" }).add({
      ...{ count: 2n ** 40n, range: [0, 4096] },
      ...{ sum: [2n ** 40n * 100n], squares: [2n ** 40n * 10_001n] },
      ...{ min: [0], max: [255] },
    }),
};

for (const [name, make] of Object.entries(GOLDEN)) {
  test(`${name}: the golden file of version 1 is read and written`, () => {
    const file = new Uint8Array(golden(`v1_${name}.bin`));
    const state = MomentsState.fromBytes(file);
    expect(state.moments()).toEqual(make().moments());
    expect(state.toBytes()).toEqual(file);
    expect(make().toBytes()).toEqual(file);
    expect([state.shape, state.axes, state.dtype, state.ranges]).toEqual(
      [make()].map(({ shape, axes, dtype, ranges }) => [shape, axes, dtype, ranges])[0],
    );
  });

  test(`${name}: the golden JSON is read and written`, () => {
    const text = golden(`v1_${name}.json`).toString();
    const state = MomentsState.fromJSON(text);
    expect(state.toBytes()).toEqual(make().toBytes());
    expect(`${JSON.stringify(state, null, 2)}\n`).toBe(text);
    expect(MomentsState.fromJSON(JSON.parse(text)).notes).toEqual(state.notes);
  });

  test(`${name}: every byte that is changed, and every end that is cut, is an error`, () => {
    const bytes = make().toBytes();
    for (let at = 0; at < bytes.length; at++) {
      expectRefused(bytes.slice(0, at));
      expectRefused(bytes.slice(at + 1));
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[at] ^= 1 << bit;
        expectRefused(changed);
      }
    }
    expectRefused(Uint8Array.of(...bytes, 0));
  });
}

const MESSAGE = /^MomentsState\.fromBytes: .*expected/;

function expectRefused(bytes: Uint8Array): void {
  let error: unknown;
  try {
    MomentsState.fromBytes(bytes);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(NormError);
  expect((error as Error).message).toMatch(MESSAGE);
}

/** Bytes that someone changed on purpose: the CRC is right. */
function forged(change: (view: DataView, bytes: Uint8Array) => Uint8Array | undefined): Uint8Array {
  const own = GOLDEN.channels().toBytes();
  const bytes = change(new DataView(own.buffer), own) ?? own;
  const end = bytes.length - 4;
  new DataView(bytes.buffer).setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

const FIRST_RANGE = 16 + 4 * 4;
const COUNT = FIRST_RANGE + 2 * 16;
const SUMS = COUNT + 8;
const EXTREMES = SUMS + 3 * 128;
type Forgery = [what: string, change: Parameters<typeof forged>[0], message: RegExp];
const FORGERIES: Forgery[] = [
  ["a newer version", (v) => void v.setUint16(4, 2, true), /: version 2, expected 1/],
  [
    "an unknown flag",
    (v) => void v.setUint16(6, 10, true),
    /: flags 10, expected known ones, up to 7/,
  ],
  ["a flag without its data", (v) => void v.setUint16(6, 7, true), /: 484 bytes, expected 572/],
  ["data without their flag", (v) => void v.setUint16(6, 0, true), /: the bytes are another form/],
  ["an unknown dtype", (v) => void v.setUint8(8, 99), /: dtype is unknown, expected a known one/],
  ["a rank beyond the bytes", (v) => void v.setUint8(9, 255), /: \d+ bytes, expected 1\d\d\d/],
  ["another axis", (v) => void v.setUint8(10, 8), /: shape \[-1, 3, -1, -1\], expected kept axes/],
  ["more groups", (v) => void v.setUint32(20, 1e9, true), /: 484 bytes, expected 136\d{9}/],
  [
    "no group",
    (v) => void v.setUint32(20, 0, true),
    /: shape \[-1, 0, -1, -1\], expected kept axes/,
  ],
  ["a reserved byte", (v) => void v.setUint8(11, 1), /: the bytes are another form/],
  [
    "many ranges",
    (v) => void v.setUint32(12, 2 ** 31, true),
    /: \d+ bytes, expected 34359738\d\d\d/,
  ],
  [
    "a range that ends before it begins",
    (v) => void v.setBigUint64(FIRST_RANGE, 50n, true),
    /: range \[50, 10\), expected ranges in order/,
  ],
  [
    "ranges that touch",
    (v) => void v.setBigUint64(FIRST_RANGE + 8, 100n, true),
    /: range \[100, 18446744073709551615\), expected ranges in order that do not touch/,
  ],
  ["a count of 0", (v) => void v.setBigUint64(COUNT, 0n, true), /: group 0 has sums that no data/],
  [
    "a square below 0",
    (v) => void v.setUint8(SUMS + 3 * 48 + 79, 255),
    /: group 0 has sums that no/,
  ],
  [
    "NaN as min",
    (v) => void v.setFloat32(EXTREMES, Number.NaN, true),
    /: group 0 has min NaN and max/,
  ],
  ["bytes behind", (_, bytes) => Uint8Array.of(...bytes, 1), /: the bytes are another form/],
];

test.each(FORGERIES)("bytes with %s are refused", (_, change, message) => {
  expect(() => MomentsState.fromBytes(forged(change))).toThrow(message);
});

test("bytes may be a part of a buffer, a view of any type, or a whole buffer", () => {
  const bytes = GOLDEN.channels().toBytes();
  const within = new Uint8Array(bytes.length + 7);
  within.set(bytes, 3);
  const views = [
    within.subarray(3, 3 + bytes.length),
    new DataView(within.buffer, 3, bytes.length),
    bytes.buffer,
    Buffer.from(bytes),
  ];
  for (const view of views) expect(MomentsState.fromBytes(view).toBytes()).toEqual(bytes);
  expect(() => MomentsState.fromBytes("WNMS" as never)).toThrow(
    /^MomentsState.fromBytes: bytes is "WNMS", expected a Uint8Array or ArrayBuffer/,
  );
  expect(() => MomentsState.fromBytes(Uint8Array.of(1, 2, 3, 4, 5))).toThrow(
    /^MomentsState.fromBytes: 5 bytes begin with \[1, 2, 3, 4\], expected a state/,
  );
});

test("a state of many groups goes to bytes and JSON and back", () => {
  const groups = 2000; // its bytes are many parts of base64
  const list = (of: (i: number) => number) =>
    Float32Array.from({ length: groups }, (_, i) => of(i));
  const state = new MomentsState({ shape: [-1, groups], axes: [0] }).add({
    ...{ count: 3n, range: [0, 3] },
    ...{ pivot: list((i) => i - 5), delta: list((i) => 1 / (i + 1)), variance: list((i) => i) },
  });
  const bytes = state.toBytes();
  const json = JSON.stringify(state);
  for (const again of [MomentsState.fromBytes(bytes), MomentsState.fromJSON(json)]) {
    expect(Buffer.from(again.toBytes()).equals(bytes)).toBe(true);
  }
});

test("JSON has what people read, and must agree with its bytes", () => {
  const state = GOLDEN.channels();
  state.notes.adapter = "some GPU";
  const json = JSON.parse(JSON.stringify(state));
  expect(json).toMatchObject({
    ...{ format: "webgpu-norm/moments", version: 1, shape: [-1, 3, -1, -1], axes: [0, 2, 3] },
    ...{ dtype: "f16", count: "1005", notes: { adapter: "some GPU" } },
    ranges: [
      ["0", "10"],
      ["100", "18446744073709551615"],
    ],
  });
  expect(MomentsState.fromJSON(json).notes).toEqual({ adapter: "some GPU" });
  expect(GOLDEN.masked().toJSON().count).toEqual(["7", "0"]);
  const CASES: [object | string, RegExp][] = [
    ["{", /: the text is no JSON \(.*\), expected a state's/],
    ["null", /: format undefined, expected "webgpu-norm\/moments"/],
    [{ ...json, format: "x" }, /: format "x", expected "webgpu-norm\/moments"/],
    [{ ...json, version: 2 }, /: version 2, expected 1/],
    [{ ...json, count: "1006" }, /: count "1006", expected "1005" as in the bytes/],
    [
      { ...json, ranges: [["0", "10"]] },
      /: ranges \[\["0", "10"\]\], expected \[\["0", "10"\], \["100"/,
    ],
    [{ ...json, dtype: undefined }, /: dtype undefined, expected "f16" as in the bytes/],
    [{ ...json, bytes: 5 }, /: bytes 5, expected base64/],
    [{ ...json, bytes: "%" }, /: bytes "%...", expected base64/],
    [{ ...json, bytes: json.bytes.slice(0, -8) }, /^MomentsState.fromBytes: the bytes have CRC-32/],
    [{ ...json, notes: { adapter: 3 } }, /: notes.adapter 3, expected a text/],
  ];
  for (const [given, message] of CASES) {
    expect(() => MomentsState.fromJSON(given as never)).toThrow(message);
  }
});

test("CRC-32 is that of zip files", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});
