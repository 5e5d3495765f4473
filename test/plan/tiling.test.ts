// Tiles cover a loop nest exactly once, and stay within the device's limits, up to 2^32 - 1
// elements. These tests need no device.

import { expect, test } from "vitest";
import type { DType } from "../../src/base/dtype";
import { contiguous, sizeOf } from "../../src/base/shape";
import {
  batchNorm,
  createContext,
  explain,
  groupNorm,
  layerNorm,
  layerNormBackward,
  localResponseNorm,
  mean,
  softmax,
  standardize,
} from "../../src/index";
import { DEFAULTS, type DeviceProfile } from "../../src/plan/device_profile";
import type { Operand } from "../../src/plan/operands";
import type { Pass, Plan } from "../../src/plan/plan";
import { type Tile, tilesOf } from "../../src/plan/tiling";
import type { Definition } from "../../src/runtime/call";
import { nullDevice } from "../support/null_device";

const MIB = 2 ** 20;

const GPU: DeviceProfile = {
  ...DEFAULTS.gpu,
  name: "paper",
  software: false,
  f16: false,
  invocations: 256,
  storageBuffers: 8,
  subgroups: false,
  maxBindingBytes: 128 * MIB,
};
const CPU: DeviceProfile = { ...GPU, ...DEFAULTS.cpu };

interface Case {
  readonly name: string;
  plan(profile: DeviceProfile, dtype?: DType, transposed?: boolean): Plan;
}

function given<O>(
  op: { readonly definition: Definition<O, unknown> },
  shape: readonly number[],
  options: O,
): Case {
  const plan = (profile: DeviceProfile, dtype: DType = "f32", transposed = false) => {
    const reversed = contiguous(shape.toReversed()).toReversed();
    const strides = transposed ? reversed : contiguous(shape);
    const x = { shape, strides, offset: 0, dtype };
    const { problem, plan } = op.definition.define(x, options);
    return plan(problem, profile);
  };
  return { name: `${op.definition.name} [${shape}]`, plan };
}

/** Returns all places of an array that a dispatch visits, in units of the loop nest's. */
function* placesIn({ nest }: Tile, name: Operand): Generator<number> {
  const dims = [...nest.kept, ...nest.outer, nest.inner];
  const at = dims.map(() => 0);
  for (let left = sizeOf(dims.map(({ size }) => size)); left > 0; left--) {
    yield dims.reduce((sum, d, i) => sum + at[i] * d[name], nest.base[name]);
    for (let i = dims.length - 1; i >= 0; i--) {
      if (++at[i] < dims[i].size) break;
      at[i] = 0;
    }
  }
}

/** Counts how often a pass visits each element of an array. */
function visits({ partition }: Pass, count: number, name: Operand = "x"): Uint8Array {
  const { access, vectorWidth, laneStride, extents } = partition.nest;
  const seen = new Uint8Array(count);
  for (const tile of tilesOf(partition)) {
    const unit = access[name] === "vector" ? 4 : 1;
    const start = (tile.ranges[name]?.offset ?? 0) / (extents[name]?.bytes ?? 1);
    for (const place of placesIn(tile, name)) {
      for (let k = 0; k < vectorWidth; k++) seen[unit * (start + place) + k * laneStride[name]]++;
    }
  }
  return seen;
}

const SMALL: readonly Case[] = [
  given(layerNorm, [300, 64], { normalizedShape: [64] }),
  given(layerNorm, [3, 5003], { normalizedShape: [5003] }),
  given(batchNorm, [37, 6, 7, 9], { training: true }),
  given(batchNorm, [37, 7, 9, 8], { training: true, channelAxis: -1 }),
  given(groupNorm, [5, 24, 10, 10], { groups: 3 }),
  given(groupNorm, [5, 10, 10, 24], { groups: 3, channelAxis: -1 }),
  given(standardize, [2, 1201, 5], { axes: [0] }),
  given(standardize, [13, 4, 13, 4, 13], { axes: [0, 2, 4] }),
  given(softmax, [4, 3000], { axes: [1] }),
  given(mean, [9999], {}),
  given(localResponseNorm, [3, 40, 9, 9], { size: 5 }),
];

test("boxes of a pass have every element once, also the last and also of transposed arrays", () => {
  for (const one of SMALL) {
    for (const on of [GPU, CPU]) {
      for (const windowBytes of [8192, 20_000]) {
        for (const transposed of [false, true]) {
          const plan = one.plan({ ...on, maxBindingBytes: windowBytes }, "f32", transposed);
          const reading = plan.passes.filter(({ does }) => does !== "merge");
          for (const pass of reading) {
            const seen = visits(pass, plan.groups * plan.count);
            expect(
              seen.every((n) => n === 1),
              `${one.name} ${pass.does} ${windowBytes}`,
            ).toBe(true);
          }
          const most = Math.max(...reading.map(({ dispatches }) => dispatches.length));
          expect(most, one.name).toBeGreaterThan(1);
        }
      }
    }
  }
}, 60_000);

test("slices are numbered through, so that each record is written once", () => {
  const { passes } = given(batchNorm, [37, 6, 7, 9], { training: true }).plan({
    ...GPU,
    maxBindingBytes: 2048,
  });
  const [measuring, merging] = passes;
  const tiles = tilesOf(measuring.partition);
  const written = tiles.flatMap((tile) => {
    const start = (tile.ranges.partials?.offset ?? 0) / 16;
    return [
      ...placesIn(
        { ...tile, nest: { ...tile.nest, outer: [], inner: { ...tile.nest.inner, size: 1 } } },
        "partials",
      ),
    ].flatMap((place) =>
      Array.from({ length: tile.slices }, (_, k) => start + place + tile.firstSlice + k),
    );
  });
  expect(merging.does).toBe("merge");
  const records = visits({ ...merging }, written.length, "partials");
  expect(new Set(written).size).toBe(written.length);
  expect(Math.max(...written)).toBe(written.length - 1);
  expect(records.every((n) => n === 1)).toBe(true);
});

const rows = { normalizedShape: [1024] };
const LARGE: readonly Case[] = [
  given(layerNorm, [2 ** 22 - 1, 1024], rows),
  given(layerNorm, [2 ** 22 - 1, 1024], {
    ...rows,
    residual: true,
    residualOut: true,
    weight: true,
  }),
  given(batchNorm, [1023, 64, 256, 256], { training: true }),
  given(batchNorm, [1023, 256, 256, 64], { training: true, channelAxis: -1 }),
  given(batchNorm, [1023, 64, 256, 256], { runningMean: true, runningVar: true }),
  given(groupNorm, [1023, 64, 256, 256], { groups: 32 }),
  given(standardize, [2 ** 32 - 1], { axes: [0] }),
  given(standardize, [3, 2 ** 30], { axes: [1] }),
  given(softmax, [2 ** 12, 2 ** 20 - 1], {}),
  given(mean, [2 ** 32 - 1], {}),
  given(layerNormBackward, [2 ** 22 - 1, 1024], { ...rows, x: true, weight: true, bias: true }),
  given(localResponseNorm, [8, 64, 2048, 4095], { size: 3 }),
];

/**
 * Returns the largest place in an array that a dispatch touches, in bytes from the start of its
 * binding range.
 */
function lastByte({ nest }: Tile, name: Operand): number {
  const { bytes = 0, beyond = 0 } = nest.extents[name] ?? {};
  const dims = [...nest.kept, ...nest.outer, nest.inner];
  const place = dims.reduce((sum, d) => sum + (d.size - 1) * d[name], nest.base[name] + beyond);
  expect(place).toBeLessThan(2 ** 32);
  return (place + 1) * bytes;
}

test("16 GB: windows are aligned and within limits, indices within u32, work bounded", () => {
  for (const { name, plan } of LARGE) {
    for (const [on, dtype] of [
      [GPU, "f32"],
      [CPU, "bf16"],
    ] as const) {
      const { passes, groups, count } = plan(on, dtype);
      for (const pass of passes) {
        const title = `${name} ${dtype} ${pass.does} on ${on.kind}`;
        const tiles = tilesOf(pass.partition);
        const packs = tiles.map(({ nest }) => nest.groups * nest.groupVectors);
        const total = packs.reduce((a, b) => a + b, 0) * pass.partition.nest.vectorWidth;
        if (pass.does !== "merge") expect(total, title).toBe(groups * count);
        expect(Math.max(...packs), title).toBeLessThanOrEqual(2 ** 23);
        expect(pass.dispatches.length).toBe(tiles.length);
        for (const [i, tile] of tiles.entries()) {
          const { grid, jobs } = pass.dispatches[i];
          expect(Math.max(...grid), title).toBeLessThanOrEqual(65535);
          expect(jobs, title).toBeLessThan(2 ** 32);
          for (const key of Object.keys(tile.nest.extents) as Operand[]) {
            const window = tile.ranges[key];
            const last = lastByte(tile, key);
            expect(last, title).toBeLessThanOrEqual(window?.size ?? on.maxBindingBytes);
            if (window === undefined) continue;
            expect(window.offset % 256, title).toBe(0);
            expect(window.size, title).toBeLessThanOrEqual(on.maxBindingBytes);
            const { before, after } = tile.nest.extents[key]?.halo ?? { before: 0, after: 0 };
            if (before + after === 0) expect(window.size - last, title).toBeLessThan(4); // whole words
          }
        }
      }
    }
  }
}, 60_000);

test("what fits a binding and is little work is one dispatch with whole arrays", () => {
  for (const on of [GPU, CPU]) {
    for (const pass of given(batchNorm, [64, 3, 224, 224], { training: true }).plan(on).passes) {
      expect(pass.dispatches.map(({ ranges }) => ranges)).toEqual([{}]);
    }
  }
});

test("a row longer than a window is split, rows that fit are not", () => {
  const schedule = (shape: number[]) => given(softmax, shape, {}).plan(GPU).schedule;
  expect(schedule([2 ** 14, 2 ** 18])).toBe("row");
  expect(schedule([2 ** 9, 2 ** 26])).toBe("split");
});

test("explain says how many dispatches there are", async () => {
  const ctx = await createContext({ device: await nullDevice(), profile: GPU });
  const plan = explain(ctx, layerNorm, { shape: [2 ** 20, 1024], normalizedShape: [1024] });
  expect(plan.passes.map(({ dispatches }) => dispatches)).toEqual([33]);
  expect(String(plan)).toContain("in 33 dispatches, a tile each");
});
