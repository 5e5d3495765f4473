// These tests cover the planner without a device: collapse, schedules, grids and the figures of
// explain().

import { expect, test } from "vitest";
import type { DType } from "../../src/base/dtype";
import { contiguous, sizeOf } from "../../src/base/shape";
import {
  batchNorm,
  batchNormBackward,
  gateOf,
  groupNorm,
  groupNormBackward,
  instanceNorm,
  instanceNormBackward,
  layerNorm,
  layerNormBackward,
  localResponseNorm,
  mean,
  rmsNorm,
  rmsNormBackward,
  skipOf,
  softmax,
  standardize,
  std,
} from "../../src/index";
import { type PlanningProfile, profileOf } from "../../src/plan/device_profile";
import { OPERANDS_OF_GATES } from "../../src/plan/gating";
import { GATE_OPERANDS, OPERANDS } from "../../src/plan/operands";
import type { PlanOverrides } from "../../src/plan/overrides";
import type { Plan } from "../../src/plan/plan";
import { collapse, dimsOf } from "../../src/plan/problem";
import { tilesOf } from "../../src/plan/tiling";
import {
  FLOAT_FIELDS,
  IMAGE_FIELDS,
  MERGE_MOMENTS_FIELDS,
  RUNNING_STATISTICS_FIELDS,
  STATISTICS_ARRAYS,
  STATISTICS_SOURCES,
  UINT_FIELDS,
} from "../../src/plan/uniform_fields";
import { divider } from "../../src/plan/uniforms";
import type { Definition } from "../../src/runtime/call";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import * as files from "../../src/wgsl/files";
import { bindingsOf, sourceOf } from "../../src/wgsl/link";
import { workgroupMemory } from "../support/workgroup_memory";

/** A profile is made from these values. */
const device = (invocations: number, features: readonly string[] = []) =>
  ({
    limits: {
      maxComputeInvocationsPerWorkgroup: invocations,
      maxComputeWorkgroupSizeX: 256,
      maxStorageBuffersPerShaderStage: 8,
      maxStorageBufferBindingSize: 2 ** 27,
    },
    features: new Set(features),
  }) as unknown as GPUDevice;

const DEVICE = device(256);
const GPU = profileOf({}, DEVICE);
const CPU = profileOf({ vendor: "google", architecture: "swiftshader" }, DEVICE);

interface Defined<O> {
  readonly definition: Definition<O, unknown>;
}

const callOf = <O>(
  { definition }: Defined<O>,
  shape: readonly number[],
  options: O,
  dtype: DType = "f32",
) => definition.define({ shape, strides: contiguous(shape), offset: 0, dtype }, options);

function planOf<O>(
  op: Defined<O>,
  shape: readonly number[],
  options: O,
  on: PlanningProfile = GPU,
): Plan {
  const { problem, plan } = callOf(op, shape, options);
  return plan(problem, on);
}

test("an unknown adapter is taken for a GPU, the known software ones for CPUs", () => {
  expect(GPU).toMatchObject({ kind: "gpu", software: false, name: "unknown adapter" });
  expect(CPU).toMatchObject({ kind: "cpu", software: true, name: "google swiftshader" });
  expect(profileOf({ vendor: "mesa", description: "llvmpipe (LLVM 15)" }, DEVICE).kind).toBe("cpu");
  expect(profileOf({ isFallbackAdapter: true }, DEVICE).kind).toBe("cpu");
  expect(profileOf({}, device(128)).invocations).toBe(128); // compatibility mode
});

test("what is known of a class of GPUs is in its profile; others get what suits all", () => {
  const of = (vendor: string, architecture: string) => profileOf({ vendor, architecture }, DEVICE);
  const workgroups = (vendor: string, architecture: string) => of(vendor, architecture).workgroups;
  expect(workgroups("nvidia", "lovelace")).toBeGreaterThan(GPU.workgroups);
  expect(workgroups("intel", "gen-12lp")).toBeLessThan(workgroups("intel", "xe-2hpg"));
  expect(of("arm", "valhall")).toMatchObject({ kind: "gpu", wideWorkgroup: 128 });
  expect(workgroups("apple", "metal-3")).toBe(GPU.workgroups);
  expect(workgroups("65541", "")).toBe(GPU.workgroups);
  expect(of("amd", "rdna-2").registerVectors).toBeGreaterThan(GPU.registerVectors);
  expect(of("nvidia", "hopper").registerVectors).toBeGreaterThan(GPU.registerVectors);
});

test("a profile knows whether the device has f16, and how much it can bind", () => {
  expect(GPU).toMatchObject({ f16: false, storageBuffers: 8 });
  expect(profileOf({}, device(256, ["shader-f16"])).f16).toBe(true);
});

test("only a GPU's profile has subgroups, of a device that has them", () => {
  const both = device(256, ["shader-f16", "subgroups"]);
  expect(GPU.subgroups).toBe(false);
  expect(profileOf({}, both).subgroups).toBe(true);
  expect(profileOf({ description: "llvmpipe" }, both).subgroups).toBe(false);
});

test("a profile has the sizes of subgroups that the adapter states, or all sizes", () => {
  const of = (info: object) => {
    const { subgroupMin, subgroupMax } = profileOf(info, DEVICE);
    return [subgroupMin, subgroupMax];
  };
  expect(of({ subgroupMinSize: 32, subgroupMaxSize: 64 })).toEqual([32, 64]);
  expect(of({})).toEqual([4, 128]);
  for (const [subgroupMinSize, subgroupMaxSize] of [
    [0, 0],
    [1, 64],
    [32, 256],
    [4, 12],
  ]) {
    expect(of({ subgroupMinSize, subgroupMaxSize })).toEqual([4, 128]);
  }
});

test("a shader asks for subgroups where a team uses them, and for nothing that it does not use", () => {
  const sources = (on: PlanningProfile, shape: number[]) =>
    planOf(layerNormBackward, shape, { x: true, normalizedShape: shape.slice(1) } as never, on)
      .passes.map(({ fragments }) => sourceOf(fragments))
      .map((text) => [/^enable subgroups; /.test(text), /\bsubgroup[A-Z]/.test(text)]);
  const with_ = { ...GPU, subgroups: true, shuffles: SHUFFLES };
  expect(sources(with_, [64, 768]).flat()).toContain(true);
  for (const [enabled, used] of sources(with_, [64, 768])) expect(enabled).toBe(used);
  expect(sources(with_, [65536, 3]).flat()).not.toContain(true); // teams of one
  expect(sources(GPU, [64, 768]).flat()).not.toContain(true);
});

test("division by multiplication is exact, at the edges of u32 too", () => {
  const sizes = [
    1,
    2,
    3,
    5,
    7,
    10,
    641,
    65535,
    65537,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 1,
    2 ** 32 - 1,
  ];
  for (const size of sizes) {
    const { multiplier, shift } = divider(size);
    for (const near of [0, 1, size - 1, size, size + 1, 7 * size - 1, 2 ** 31, 2 ** 32 - 1]) {
      const n = BigInt(near % 2 ** 32);
      const t = (BigInt(multiplier) * n) >> 32n; // as divide() in loop/cursor.wgsl
      const q = (t + ((n - t) >> BigInt(Math.min(shift, 1)))) >> BigInt(Math.max(shift, 1) - 1);
      expect(q, `${n} / ${size}`).toBe(n / BigInt(size));
    }
  }
});

test("the common layouts collapse to two or three dimensions", () => {
  const sizes = (shape: number[], axes: number[]) =>
    collapse(dimsOf(callOf(standardize, shape, { axes }).problem), ["x", "y"]).map((d) =>
      d.reduced ? -d.size : d.size,
    );
  expect(sizes([8, 3, 5, 7], [1, 2, 3])).toEqual([8, -105]);
  expect(sizes([8, 3, 5, 7], [0, 2, 3])).toEqual([-8, 3, -35]);
  expect(sizes([8, 3, 5, 7], [2, 3])).toEqual([24, -35]);
  expect(sizes([8, 5, 7, 3], [0, 1, 2])).toEqual([-280, 3]);
  expect(sizes([8, 5, 7, 3], [1, 2])).toEqual([8, -35, 3]);
  expect(sizes([8, 1, 7, 1], [1])).toEqual([56]);
});

test("schedules are the design's", () => {
  expect(planOf(layerNorm, [4096, 768], { normalizedShape: [768] }).schedule).toBe("row");
  expect(planOf(batchNorm, [4096, 768], { training: true }).schedule).toMatch(/column|split/);
  expect(planOf(standardize, [512, 16, 768], { axes: [1] }).schedule).toBe("column");
  expect(planOf(batchNorm, [64, 3, 224, 224], { training: true }).schedule).toBe("split");
  const running = { runningMean: true, runningVar: true } as const;
  expect(planOf(batchNorm, [8, 64, 56, 56], running).schedule).toBe("apply");
  const channelsLast = { groups: 32, channelAxis: -1 } as const;
  expect(planOf(groupNorm, [1, 128, 128, 512], channelsLast).schedule).toBe("split");
});

test("a group of short runs is read once where it stays in registers", () => {
  const planned = (shape: number[], dtype: DType = "f32", on = GPU, forced: PlanOverrides = {}) => {
    const { problem, plan } = callOf(groupNorm, shape, { groups: 32, channelAxis: -1 }, dtype);
    return plan(problem, on, forced).passes.map(({ partition: { registerVectors, nest } }) => [
      registerVectors > 0 ? "held" : "streamed",
      nest.columns ? "columns" : "rows",
    ]);
  };
  const once = [["held", "rows"]];
  expect(planned([2, 64, 64, 128])).toEqual(once); // runs of 16 bytes
  expect(planned([2, 64, 64, 256], "f16")).not.toEqual(once); // beyond the registers
  expect(planned([2, 32, 32, 256], "f16")).toEqual(once);
  expect(planned([2, 64, 64, 128], "f16")[0]).toEqual(["held", "columns"]); // runs of 8 bytes
  expect(planned([2, 64, 64, 128], "f32", CPU)[0]).toEqual(["streamed", "columns"]);
  const forced = { inRegisters: false };
  expect(planned([2, 64, 64, 128], "f32", GPU, forced)[0]).toEqual(["streamed", "columns"]);
  const deferred = planned([2, 64, 64, 128], "f32", GPU, { deferInner: true });
  expect(deferred).toHaveLength(3);
});

test("parameters are read once for a share along which they stay", () => {
  const varies = <O>(op: Defined<O>, shape: number[], options: object, on = GPU) =>
    planOf(op, shape, { weight: true, ...options } as O, on).passes.map(
      ({ constants }) => constants.PARAMS_VARY,
    );
  expect(varies(groupNorm, [2, 16, 16, 128], { groups: 32, channelAxis: -1 })).toEqual([0]);
  expect(varies(groupNorm, [2, 16, 16, 256], { groups: 32, channelAxis: -1 })).toEqual([1]);
  expect(varies(groupNorm, [2, 128, 16, 16], { groups: 32 })).toEqual([1]);
  expect(varies(groupNorm, [2, 128, 16, 16], { groups: 32 }, CPU)).toEqual([0]); // read again, by loops
  expect(varies(instanceNorm, [2, 128, 16, 16], {})).toEqual([0]);
});

test("CPU adapters get no barrier, save for a few long rows", () => {
  const teams = (p: Plan) => p.passes.map(({ partition }) => partition.team);
  expect(teams(planOf(layerNorm, [4096, 768], { normalizedShape: [768] }, CPU))).toEqual([1]);
  expect(teams(planOf(batchNorm, [64, 3, 224, 224], {}, CPU))).toEqual([1, 1, 1]);
  expect(teams(planOf(layerNorm, [1, 4096], { normalizedShape: [4096] }, CPU))).toEqual([16]);
});

test("shares are short where they are one block of a sum, within one inner loop", () => {
  const short = (shape: number[], axes: number[], on = CPU) =>
    planOf(standardize, shape, { axes }, on).passes.map(({ constants }) => constants.SHORT);
  expect(short([50000, 24], [1])).toEqual([1]);
  expect(short([16384, 128], [1])).toEqual([1]);
  expect(short([16384, 132], [1])).toEqual([0]); // 33 vectors
  expect(short([16384, 2, 3, 64], [1, 3])).toEqual([0]); // two loops
  expect(short([4096, 768], [1], GPU)).toEqual([1]); // a team's shares
});

test("every job has a team: grids cover groups and slices, folded beyond 65535", () => {
  for (const on of [GPU, CPU]) {
    for (const shape of [
      [1, 1],
      [70_000, 3],
      [10_000_000, 8],
      [3, 4099],
      [1, 5_000_000],
    ]) {
      const p = planOf(standardize, shape, { axes: [1] }, on);
      for (const { dispatches, partition } of p.passes) {
        for (const { grid, jobs } of dispatches) {
          const most = grid[0] * grid[1] * (partition.workgroup / partition.team);
          expect(Math.max(...grid)).toBeLessThanOrEqual(65535);
          expect(most).toBeGreaterThanOrEqual(jobs);
        }
      }
    }
  }
});

test("slices cover a group without an empty one", () => {
  for (const count of [1, 63, 65537, 3_211_264]) {
    const p = planOf(mean, [count], {});
    const { nest, slices, sliceVectors } = p.passes[0].partition;
    expect(slices * sliceVectors).toBeGreaterThanOrEqual(nest.groupVectors);
    expect((slices - 1) * sliceVectors).toBeLessThan(nest.groupVectors);
  }
});

test("a binding has room for the partials of a group, however many slices are forced", () => {
  const on = { ...GPU, maxBindingBytes: 4096 };
  const cases = [
    [rmsNorm, [3, 9000], { axes: [1] }],
    [groupNorm, [2, 40, 50, 8], { groups: 2, channelAxis: -1 }],
    [layerNormBackward, [600, 70], { x: true, normalizedShape: [70], weight: true }],
    [instanceNormBackward, [7, 7, 49], { x: true, weight: true }], // other groups lie in between
  ] as unknown as [Defined<unknown>, number[], unknown][];
  for (const [op, shape, options] of cases) {
    const { problem, plan } = callOf(op, shape, options);
    for (const deferInner of [true, false]) {
      const forced = { split: true, slices: 1000, deferInner };
      const { passes } = plan(problem, on, forced);
      expect(passes.some(({ partition }) => partition.slices > 1)).toBe(true);
      const dispatches = passes.flatMap((pass) => pass.dispatches);
      const sizes = dispatches.flatMap(({ ranges }) =>
        Object.values(ranges).map((range) => range?.size ?? 0),
      );
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
    }
  }
}, 60_000);

test("every invocation has the full vectors of its plan, in the last slice and tile, too", () => {
  const cases = [
    [standardize, [64, 768], { axes: [1] }],
    [standardize, [5, 1023], { axes: [1] }],
    [standardize, [3, 100, 4], { axes: [0, 1] }],
    [standardize, [9, 40, 12], { axes: [0, 2] }],
    [layerNormBackward, [9, 700], { x: true, normalizedShape: [700], weight: true }],
  ] as unknown as [Defined<unknown>, number[], unknown][];
  const full = new Set<number>();
  for (const [op, shape, options] of cases) {
    const { problem, plan } = callOf(op, shape, options);
    for (const on of [GPU, { ...GPU, maxBindingBytes: 4096 }]) {
      for (const slices of [1, 2, 3, 7]) {
        for (const team of [1, 8, 64]) {
          const forced = { split: slices > 1, slices, team, inRegisters: true };
          for (const { partition } of plan(problem, on, forced).passes) {
            const { fullVectors, sliceVectors } = partition;
            const least = tilesOf(partition).map(({ nest, slices }) => {
              return nest.groupVectors - (slices - 1) * sliceVectors;
            });
            expect(fullVectors * partition.team).toBeLessThanOrEqual(Math.min(...least));
            if (partition.registerVectors > 0) full.add(fullVectors);
          }
        }
      }
    }
  }
  expect(full.size).toBeGreaterThan(3); // 0, and others
}, 60_000);

test("a short inner dimension is not deferred where a merge could not bind its partials", () => {
  const on = { ...GPU, maxBindingBytes: 4096 };
  const cases = [
    [softmax, [768, 2, 16], { axes: [0, -1] }],
    [groupNorm, [1, 768, 32], { groups: 2, channelAxis: -1 }],
  ] as unknown as [Defined<unknown>, number[], unknown][];
  for (const [op, shape, options] of cases) {
    const { problem, plan } = callOf(op, shape, options);
    for (const deferInner of [true, undefined]) {
      const [first] = plan(problem, on, { deferInner }).passes;
      const { kept, vectorWidth } = first.partition.nest;
      expect(kept.map(({ size }) => size)).toEqual([2]);
      expect(vectorWidth).toBe(4);
    }
  }
});

test("slices are whole runs, or like parts of one", () => {
  for (const on of [GPU, CPU]) {
    const { passes } = planOf(batchNorm, [64, 3, 224, 224], { training: true }, on);
    const { sliceVectors, nest } = passes[0].partition;
    const [shorter, longer] = [sliceVectors, nest.inner.size].sort((a, b) => a - b);
    expect(longer % shorter).toBeLessThan(longer / shorter); // the last one may be shorter
  }
});

test("workgroup memory for combining stays within 3 KiB on columns", () => {
  for (const shape of [
    [300, 7],
    [96, 64],
    [100_000, 1024],
  ]) {
    const p = planOf(standardize, shape, { axes: [0] });
    const { fragments, partition } = p.passes[0];
    const bytes = workgroupMemory(sourceOf(fragments), partition.workgroup);
    expect(bytes).toBeLessThanOrEqual(3072 + 16); // and an answer
  }
});

/** Returns the fields of a struct that a shader file declares: names and types. */
const fieldsOf = (text: string, struct: string): [name: string, type: string][] => {
  const body = new RegExp(`struct ${struct} \\{([^}]*)\\}`).exec(text)?.[1] ?? "";
  return [...body.matchAll(/(\w+): ([\w<>, ]+?),? *(?:\/\/.*)?\n/g)].map(([, name, type]) => [
    name,
    type,
  ]);
};

const WORDS: Readonly<Record<string, number>> = { u32: 1, f32: 1, Dim: 24 };

/** Returns the uniforms of a plan's pass, by the names in the block's declaration. */
function uniformsOf({ passes }: Plan, does = passes[0].does) {
  const [pass] = passes.filter((p) => p.does === does);
  const { uniforms } = pass.dispatches[0];
  const floats = new Float32Array(uniforms.buffer);
  const file = pass.fragments.find(({ text }) => text.includes("struct Params"));
  const values: Record<string, number> = {};
  let at = 0;
  for (const [name, type] of fieldsOf(file?.text ?? "", "Params")) {
    values[name] = (type === "f32" ? floats : uniforms)[at];
    at += WORDS[type] ?? 0;
  }
  return values;
}

test("shaders and plans list the same operands and uniforms in the same order", () => {
  const names = (text: string, struct: string) => fieldsOf(text, struct).map(([name]) => name);
  const head = ["size", "multiplier", "bits", "statistics"];
  for (const [{ text }, operands] of [
    [files.operands, OPERANDS],
    [OPERANDS_OF_GATES, [...OPERANDS, ...GATE_OPERANDS]],
  ] as const) {
    expect(names(text, "Dim")).toEqual([...head, ...operands]);
    expect(names(text, "Offsets")).toEqual([...operands, "statistics"]);
    const moved = [...text.matchAll(/start\.(\w+) \+ by \* dim\.(\w+)/g)];
    expect(moved.map(([, name]) => name)).toEqual([...operands, "statistics"]);
    expect(moved.every(([, from, by]) => from === by)).toBe(true);
  }
  const block = names(files.uniforms.text, "Params");
  expect(block.slice(block.indexOf("slices"), block.indexOf("dims"))).toEqual([
    ...UINT_FIELDS,
    ...STATISTICS_ARRAYS.map((name) => `${name}Base`),
    ...STATISTICS_SOURCES.map((name) => `given${name[0].toUpperCase()}${name.slice(1)}`),
    ...FLOAT_FIELDS,
  ]);
});

test.each([
  [files.kernelRunningStatistics, RUNNING_STATISTICS_FIELDS],
  [files.kernelMergeMoments, MERGE_MOMENTS_FIELDS],
  [files.imageUniforms, IMAGE_FIELDS],
] as const)("the block of $name is as its kernel declares it", ({ text }, { uints, floats }) => {
  expect(fieldsOf(text, "Params")).toEqual([
    ...uints.map((field) => [field, "u32"]),
    ...floats.map((field) => [field, "f32"]),
  ]);
});

test("uniforms are where the block declares them", () => {
  const rms = { normalizedShape: [768], weight: true, weightOffset: 1, eps: 0.25 } as const;
  const { count, ...others } = uniformsOf(planOf(rmsNorm, [4, 768], rms));
  expect(others).toMatchObject({
    weightOffset: 1,
    eps: 0.25,
    slices: 1,
    groupVectors: 192,
  });
  expect(count).toBe(768);
  const running = { momentum: 0.5, runningMean: true, runningVar: true } as const;
  const own = uniformsOf(planOf(batchNorm, [3, 8, 4], { ...running, training: true }));
  expect(own).toMatchObject({ momentum: 0.5, unbias: Math.fround(12 / 11) });
  const tracked = uniformsOf(planOf(instanceNorm, [3, 8, 4], running), "track");
  expect(tracked).toMatchObject({ momentum: 0.5, unbias: Math.fround(4 / 3), instances: 3 });
  const window = uniformsOf(planOf(localResponseNorm, [3, 8, 4], { size: 5, alpha: 0.5 }));
  expect(window).toMatchObject({ windowBefore: 2, windowAfter: 2 });
  const deviation = uniformsOf(planOf(std, [8, 4], { axes: [1] }));
  expect(deviation).toMatchObject({
    squareRoot: 1,
    correctionScale: Math.fround(4 / 3),
    correctedBase: 0,
    meanBase: 2 ** 32 - 1,
  });
});

test("a zero-size problem has no passes", () => {
  expect(planOf(standardize, [0, 4], { axes: [1] }).passes).toEqual([]);
});

const EVERYTHING = {
  normalizedShape: [768],
  weight: true,
  bias: true,
  scale: true,
  shift: true,
  activation: "gelu",
} as const;

const buffers = (p: Plan) =>
  p.passes.map(({ fragments }) => bindingsOf(fragments).filter((b) => b.type !== "uniform").length);

test("where a call has more arrays than a pass can bind, it has more passes", () => {
  const forward = { ...EVERYTHING, residual: true, residualBias: true, residualOut: true } as const;
  const backward = { ...EVERYTHING, x: true, dSum: true, mean: true, rstd: true } as const;
  for (const on of [GPU, CPU]) {
    const plans = [
      planOf(layerNorm, [64, 768], { ...forward, stats: true }, on),
      planOf(layerNormBackward, [64, 768], backward, on),
    ];
    for (const p of plans) {
      expect(Math.max(...buffers(p))).toBeLessThanOrEqual(8);
      expect(p.passes.length).toBeGreaterThan(1);
    }
  }
  const roomy = { ...GPU, storageBuffers: 16 };
  expect(buffers(planOf(layerNorm, [64, 768], { ...forward, stats: true }, roomy))).toEqual([10]);
});

test("gradients: dx in one pass, and a pass for parameters that repeat along the same axes", () => {
  const options = { normalizedShape: [770], x: true, weight: true, bias: true } as const;
  const p = planOf(layerNormBackward, [1024, 770], options);
  expect(p.passes.map(({ does }) => does)).toEqual(["backward", "parameters", "merge"]);
  const dx = planOf(layerNormBackward, [1024, 770], { ...options, gradients: ["dx"] });
  expect(dx.passes.map(({ does }) => does)).toEqual(["backward"]);
});

test("gradients: rows in registers are read once for dx and for the parameters", () => {
  const options = { normalizedShape: [768], x: true, weight: true, bias: true } as const;
  const p = planOf(layerNormBackward, [4096, 768], options);
  expect(p.passes.map(({ does }) => does)).toEqual(["backward", "merge"]);
  expect(p.bytes / (4096 * 768 * 4)).toBeCloseTo(3, 2); // x, dy, dx
  const [{ dispatches, partition }] = p.passes;
  const [x, y] = dispatches[0].grid;
  const teams = (x * y * partition.workgroup) / partition.team;
  expect(uniformsOf(p).rounds * teams).toBeGreaterThanOrEqual(4096);
  expect(p.scratch.records).toBe(teams * 768 * 8);
  const many = planOf(layerNormBackward, [100_000, 768], options); // in several tiles
  expect(many.passes[0].dispatches.length).toBeGreaterThan(1);
  expect(uniformsOf(many).rounds).toBe(32); // longer chains of additions would cost exactness
  const few = planOf(layerNormBackward, [16, 768], options, { ...GPU, workgroups: 512 });
  expect(few.passes.map(({ does }) => does)).toEqual(["backward", "parameters"]);
});

test("gradients: groups that fit a team are read once, whatever shares weight and bias", () => {
  const given = { x: true, weight: true, bias: true } as const;
  const does = ({ passes }: Plan) => passes.map((pass) => pass.does).join(" ");
  const group = (shape: number[], on: PlanningProfile) =>
    planOf(groupNormBackward, shape, { ...given, groups: 32 }, on);
  const roomy = { ...GPU, registerVectors: 32 };
  const held = group([2, 128, 64, 64], roomy);
  expect(does(held)).toBe("backward merge");
  expect(held.bytes / (2 * 128 * 64 * 64 * 4)).toBeCloseTo(3, 2); // x, dy, dx
  expect(held.passes[0].partition).toMatchObject({ team: 256, registerVectors: 16 });
  expect(held.passes[0].constants.SEGMENTED).toBe(1);
  expect(held.scratch.partials).toBe(16 * 2 * 128);
  expect(group([2, 128, 64, 64], GPU).passes[0].partition.registerVectors).toBe(0); // read again
  const many = group([2, 64 * 32, 8, 8], roomy); // more segments than a sum may have in a row
  expect(does(many)).toBe("backward parameters");
  const one = group([1, 128, 64, 64], roomy);
  expect(does(one)).toBe("backward"); // no other example shares weight and bias
  for (const on of [GPU, CPU]) {
    const batch = (shape: number[]) =>
      does(planOf(batchNormBackward, shape, { ...given, training: true }, on));
    expect(batch([32, 128])).toBe("backward");
    expect(batch([8, 16, 8, 8])).toBe("backward");
    expect(does(planOf(instanceNormBackward, [4, 64, 8, 8], given, on))).toBe("backward merge");
  }
});

test("gradients of weight and bias come with dx where it would be read again for them", () => {
  const given = { x: true, weight: true, bias: true } as const;
  const rows = { ...given, normalizedShape: [768] };
  const does = ({ passes }: Plan) => passes.map((pass) => pass.does).join(" ");
  const onCpu = planOf(layerNormBackward, [4096, 768], rows, CPU);
  expect(does(onCpu)).toBe("sums backward merge");
  const x = 4096 * 768 * 4;
  expect(onCpu.bytes / x).toBeCloseTo(5, 2); // x, dy; x, dy, dx
  const long = planOf(layerNormBackward, [512, 65536], { ...rows, normalizedShape: [65536] });
  expect(does(long)).toBe("sums backward merge"); // no registers for the row
  for (const on of [GPU, CPU]) {
    const group = planOf(groupNormBackward, [2, 64, 256, 256], { ...given, groups: 4 }, on);
    expect(does(group)).toBe("measure merge sums merge merge backward");
    expect(group.bytes / (2 * 64 * 256 * 256 * 4)).toBeCloseTo(6, 2); // x; x, dy; x, dy, dx
  }
  const few = planOf(layerNormBackward, [4, 768], rows, CPU);
  expect(does(few)).toContain("parameters"); // partials would be as many as elements
});

test("an invocation of a team has four vectors of f32, or as many bytes of 16-bit elements", () => {
  const teamFor = (shape: number[], dtype: DType = "f32") => {
    const { problem, plan } = callOf(layerNorm, shape, { normalizedShape: [shape[1]] }, dtype);
    const { team, registerVectors } = plan(problem, GPU).passes[0].partition;
    return [team, registerVectors];
  };
  expect(teamFor([16384, 64])).toEqual([4, 4]);
  expect(teamFor([16384, 64], "bf16")).toEqual([2, 8]);
  expect(teamFor([4096, 512])).toEqual([32, 4]);
  expect(teamFor([4096, 512], "f16")).toEqual([16, 8]);
  expect(teamFor([4096, 768])).toEqual([64, 3]);
  expect(teamFor([4096, 768], "bf16")).toEqual([32, 6]);
});

test("halves are read and written as such, natively where the device can", () => {
  const { definition } = layerNorm;
  const spec = { shape: [64, 768], strides: [768, 1], offset: 0, dtype: "f16" } as const;
  const { problem, plan } = definition.define(spec, { normalizedShape: [768] });
  const files = (on: PlanningProfile) =>
    plan(problem, on).passes[0].fragments.map(({ name }) => name);
  expect(files(GPU)).toEqual(
    expect.arrayContaining(["io/load/halves4 as x", "io/store/halves4 as y"]),
  );
  const native = files({ ...GPU, f16: true });
  expect(native).toEqual(expect.arrayContaining(["io/load/f16x4 as x", "io/store/f16x4 as y"]));
  expect(plan(problem, GPU).bytes).toBe(2 * 64 * 768 * 2);
});

test("bytes: a fused norm reads and writes once, a split one reads twice", () => {
  expect(planOf(layerNorm, [4096, 768], { normalizedShape: [768] }).bytes).toBe(2 * 4096 * 768 * 4);
  expect(planOf(batchNorm, [64, 3, 224, 224], {}).bytes).toBe(3 * 64 * 3 * 224 * 224 * 4);
  expect(planOf(mean, [1000], {}).bytes).toBe(4000);
});

test("bytes: a gated gradient has the plain one's passes, with one more read and one more write", () => {
  const bytesOf = (op: typeof layerNormBackward, shape: number[], options: object, on = GPU) => {
    const { bytes, passes } = planOf(op, shape, { x: true, ...options } as never, on);
    return { passes: passes.length, each: Math.floor(bytes / sizeOf(shape)) };
  };
  for (const op of [rmsNormBackward, layerNormBackward] as (typeof layerNormBackward)[]) {
    for (const shape of [
      [4096, 4096],
      [4096, 768],
      [64, 1024],
    ]) {
      const last = { shape: shape.slice(1) };
      const own = { normalizedShape: last.shape, weight: last };
      const bias = op.definition === layerNormBackward.definition && { bias: last };
      expect(bytesOf(op, shape, own).each).toBe(12);
      for (const first of [false, true]) {
        const gate = gateOf(true, { first });
        const { passes } = bytesOf(op, shape, { ...own, ...bias });
        const gated = bytesOf(op, shape, { ...own, ...bias, gate });
        expect(gated).toEqual({ passes, each: 20 });
      }
      // a skip's gradient is one more write, and its gate like another gate
      const skip = skipOf(true);
      expect(bytesOf(op, shape, { ...own, gate: gateOf(true), skip }).each).toBe(24);
      const gated = skipOf(last, { gate: true });
      expect(bytesOf(op, shape, { ...own, skip: gated }).each).toBe(24); // and dy is read for dSkip
    }
  }
  const images = { groups: 32, weight: true, bias: true };
  const [plain, gated] = [{}, { gate: gateOf(true) }].map((more) =>
    bytesOf(groupNormBackward as never, [2, 128, 64, 64], { ...images, ...more }),
  );
  expect(gated).toEqual({ passes: plain.passes, each: plain.each + 8 });
});
