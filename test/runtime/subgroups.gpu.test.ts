// Teams that combine through subgroups are right for every size of team and of a subgroup. The
// library does not use subgroups where a device has none, where their lanes are in another order, or
// where they compute wrong values.

import { expect } from "vitest";
import {
  batchNorm,
  type Context,
  type ContextOptions,
  createContext,
  explain,
  layerNorm,
  standardize,
} from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import * as reference from "../reference/norms";
import { difference, inChunks, offBy } from "../support/comparison";
import { test as base, type GpuFixtures } from "../support/fixture";
import { gridProblems } from "../support/make_problems";
import { gradients } from "../support/operations";
import { logSoftmax, lpNormalize, rmsNorm, softmax } from "../support/operations_scales";
import type { Operation, Problem } from "../support/problem";
import { Random } from "../support/random";
import { share } from "../support/share";
import { expected } from "../support/tolerance";

const PROFILE = { kind: "gpu", workgroup: 64, workgroups: 4, subgroups: true } as const;

/**
 * `subgroups`: a context that plans as for a GPU, and found that subgroups work. `ownDevice`: a device
 * of the test's own that has subgroups.
 */
const test = base.extend<{ subgroups: Context; ownDevice: GPUDevice }>({
  ownDevice: async ({ freshDevice, skip }, use) => {
    const device = await freshDevice();
    skip(!device.features.has("subgroups"), "the device has no subgroups");
    await use(device);
  },
  subgroups: async ({ device, freshContext, skip }, use) => {
    skip(!device.features.has("subgroups"), "the device has no subgroups");
    const ctx = await freshContext({ device, profile: PROFILE });
    expect(ctx.profile.subgroups).toBe(true);
    await use(ctx);
  },
});

/** Rows that end anywhere in a team; columns in packs, and one by one. */
const ROWS = { shape: [5, 1023], axis: 1 } as const;
const PACKED = { shape: [96, 64], axis: 0 } as const;
const SINGLE = { shape: [300, 7], axis: 0 } as const;
type Case = typeof ROWS | typeof PACKED | typeof SINGLE;

const WHOLE = [2, 4, 8, 16, 32, 64, 128, 256].map((team, i) => {
  return { team, split: false, inRegisters: i % 3 === 0 };
});
const SLICED = [8, 64].map((team) => ({ team, split: true, slices: 3 }));
const ALLOWED = 2e-6; // what the library promises at unit weight, any offset

function normals(shape: readonly number[], seed: number) {
  const random = new Random(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  const data = random.normals(size, random.pick([0, 1e2, 1e4]), 1);
  return { shape, data: data as Float32Array };
}

/** The worst result with this plan, in units of what is allowed. */
async function offFrom(
  ctx: Context,
  { shape, axis }: Case,
  overrides: PlanOverrides,
): Promise<number> {
  const x = normals(shape, shape[0]);
  const { data } = reference.standardize(x, { axes: [axis] }).y;
  const tensor = ctx.tensor(x.data, shape);
  const y = await ctx.forced(overrides, () => standardize(tensor, { axes: [axis] })).read();
  return Math.max(...y.map((value, i) => offBy(value, data[i], ALLOWED)));
}

const shadersOf = (ctx: Context, overrides: PlanOverrides): string =>
  ctx.forced(overrides, () =>
    explain(ctx, standardize, { shape: [5, 1023], axes: [1] }).toString(),
  );

test("teams of every size agree with float64", async ({ subgroups }) => {
  const cases = [...share(WHOLE, 2, 1), ...SLICED].flatMap((overrides, i) =>
    (i % 2 === 0 ? [ROWS] : i % 4 === 1 ? [ROWS, PACKED] : [SINGLE]).map((of) => ({
      force: overrides,
      of,
    })),
  );
  const failures = await inChunks(cases, async ({ force: overrides, of }) => {
    const off = await offFrom(subgroups, of, overrides);
    return off <= 1 ? null : `[${of.shape}] ${JSON.stringify(overrides)}: ${off}`;
  });
  expect(failures).toEqual([]);
  for (const { force: overrides } of cases) {
    expect(shadersOf(subgroups, overrides)).toContain("reduce/team/subgroup.wgsl");
  }
});

const FORCES: readonly PlanOverrides[] = [
  { split: true, slices: 3 }, // with teams that read statistics together
  { split: false, team: 8, inRegisters: true },
  { split: false, team: 64, inRegisters: false },
  { split: false, columns: true, team: 4 },
];
const STATISTICS: readonly [Operation, object][] = [
  [rmsNorm, {}],
  ...[1, 2, 3, Infinity].map((p): [Operation, object] => [lpNormalize, { p }]),
  [softmax, {}],
  [logSoftmax, {}],
];

test("so do all statistics", async ({ subgroups }) => {
  const x = { shape: [3, 516], data: new Random(3).normals(3 * 516, 0, 3) };
  const cases = STATISTICS.flatMap(([operation, own], turn) =>
    share(FORCES, 4, turn).map((overrides) => ({
      operation,
      force: overrides,
      options: { ...own, axes: [1] },
    })),
  );
  const failures = await inChunks(cases, ({ operation, force: overrides, options }) => {
    const problem = { operation, options, inputs: { x } };
    return subgroups.forced(overrides, () => difference(subgroups, problem, expected(problem)));
  });
  expect(failures).toEqual([]);
});

const GRADIENT_FORCES: readonly PlanOverrides[] = [
  { split: true, slices: 3 },
  { split: false, team: 8, inRegisters: true },
  { split: false, team: 16, inRegisters: false, vectorWidth: 1 },
  { columns: true, split: true, team: 4 },
];

test("so do gradients and their sums", async ({ subgroups }) => {
  const cases = share(gradients, 6, 0).map((operation, k) => {
    const [problem] = gridProblems(operation, 3, 516, new Random(5));
    const { gradients: _, ...options } = problem.options; // without a choice all are computed
    const all: Problem = { ...problem, options };
    return { problem: all, force: GRADIENT_FORCES[k % GRADIENT_FORCES.length] };
  });
  const failures = await inChunks(cases, async ({ problem, force: overrides }) => {
    const found = await subgroups.forced(overrides, () =>
      difference(subgroups, problem, expected(problem)),
    );
    return found && `${JSON.stringify(overrides)} ${found}`;
  });
  expect(failures).toEqual([]);
});

test("all members of a team have the same bits, each time", async ({ subgroups }) => {
  const rows = 40;
  // within a subgroup, too; an element a member: pivots equally far from their mean
  for (const [length, team] of [
    [1031, 64],
    [61, 64],
    [1031, 4],
    [4, 4],
  ] as const) {
    const isSame = (i: number) => [0, 3].includes((i % length) % 4);
    const { data } = normals([rows, length], length);
    const same = data.map((value, i) => (isSame(i) ? 0.7 : value));
    const x = subgroups.tensor(same, [rows, length]);
    const [y, again] = await Promise.all(
      [1, 2].map(() => {
        const overrides = { team, split: false, vectorWidth: 1 } as const;
        return subgroups.forced(overrides, () => standardize(x, { axes: [1] })).read();
      }),
    );
    expect(again).toEqual(y);
    for (let row = 0; row < rows; row++) {
      const members = y.subarray(row * length, (row + 1) * length).filter((_, i) => isSame(i));
      expect(new Set(members).size, `row ${row}, teams of ${team}`).toBe(1);
    }
  }
});

/** Makes another text of each shader that uses subgroups. */
function rewriting(device: GPUDevice, rewrite: (code: string) => string): GPUDevice {
  const original = device.createShaderModule.bind(device);
  return Object.defineProperty(device, "createShaderModule", {
    value: (descriptor: GPUShaderModuleDescriptor) => {
      const { code } = descriptor;
      if (!code.includes("enable subgroups;")) return original(descriptor);
      const changed = rewrite(code);
      if (changed === code) throw new Error("the fault is not where the test thinks it is");
      return original({ ...descriptor, code: changed });
    },
  });
}

const FIND_JOB = /fn findJob\((\w+): u32, local: u32\) -> Job \{/;
const ordered = (code: string, order: string) =>
  code.replace(FIND_JOB, `fn findJob($1: u32, lane: u32) -> Job { let local = ${order};`);

const SCATTERED = "(lane % 16u) * (WORKGROUP / 16u) + lane / 16u";
/**
 * Which lane is whose, as no driver here does it; each is a permutation of a workgroup, and some mix
 * the members of subgroups.
 */
const ORDERS: Readonly<Record<string, { order: string; mixes: boolean }>> = {
  scattered: { order: SCATTERED, mixes: true },
  "half of them scattered": {
    order: "select(lane, 32u + (lane % 8u) * 4u + (lane - 32u) / 8u, lane - 32u < 32u)",
    mixes: true,
  },
  backwards: { order: "WORKGROUP - 1u - lane", mixes: false },
  "every second pair turned": { order: "lane ^ ((lane >> 1u) & 1u)", mixes: false },
};

for (const [name, { order, mixes }] of Object.entries(ORDERS)) {
  test(`lanes may have any order: ${name}`, async ({ ownDevice, freshContext }) => {
    const device = rewriting(ownDevice, (code) => ordered(code, order));
    const ctx = await freshContext({ device, profile: PROFILE });
    if (mixes) expect(ctx.profile.subgroups).toBe(false);
    expect(await offFrom(ctx, ROWS, { split: false, team: 64 })).toBeLessThanOrEqual(1);
    expect(await offFrom(ctx, SINGLE, { split: false, team: 16 })).toBeLessThanOrEqual(1);
  });
}

const SIZES = [
  { subgroupMin: 4, subgroupMax: 128 }, // unknown
  { subgroupMin: 4, subgroupMax: 32 },
] as const;

for (const sizes of SIZES) {
  const name = `from ${sizes.subgroupMin} to ${sizes.subgroupMax}`;
  test(`subgroups may have any size ${name}`, async ({ ownDevice: device, freshContext }) => {
    const ctx = await freshContext({ device, profile: { ...PROFILE, ...sizes } });
    expect(ctx.profile).toMatchObject({ subgroups: true, ...sizes });
    for (const team of [16, 64, 256]) {
      expect(await offFrom(ctx, ROWS, { split: false, team }), `${team}`).toBeLessThanOrEqual(1);
    }
    expect(await offFrom(ctx, PACKED, { split: false, team: 16 })).toBeLessThanOrEqual(1);
  });
}

test("subgroups may be larger than the smallest ones", async ({ ownDevice, freshContext }) => {
  // as if there were subgroups of one lane, so that those of the device have several seats
  const device = rewriting(ownDevice, (code) =>
    code.replace(
      "LEAST_REACH = min(TEAM, max(1u, SUBGROUP_MIN / LANE_STRIDE))",
      "LEAST_REACH = 1u",
    ),
  );
  const ctx = await freshContext({ device, profile: { ...PROFILE, subgroupMax: 128 } });
  expect(ctx.profile.subgroups).toBe(true);
  for (const team of [2, 64]) {
    expect(await offFrom(ctx, ROWS, { split: false, team }), `${team}`).toBeLessThanOrEqual(1);
  }
  expect(await offFrom(ctx, PACKED, { split: false, team: 16 })).toBeLessThanOrEqual(1);
});

test("what a shuffle beyond the subgroup gives is not used", async ({
  ownDevice,
  freshContext,
}) => {
  // WGSL leaves the value open, and SwiftShader's is a harmless 0
  const device = rewriting(ownDevice, (code) =>
    code.replace(
      "subgroupShuffleXor(s.first, by * LANE_STRIDE)",
      "$& + select(PerGroup(0.0), PerGroup(1e9), by >= reach)",
    ),
  );
  const ctx = await freshContext({ device, profile: { ...PROFILE, ...SIZES[0] } });
  expect(ctx.profile.subgroups).toBe(true);
  expect(await offFrom(ctx, ROWS, { split: false, team: 64 })).toBeLessThanOrEqual(1);
});

test("sizes that the device does not have are found out", async ({
  ownDevice: device,
  freshContext,
  skip,
}) => {
  const { subgroupMaxSize = 128 } = device.adapterInfo;
  skip(subgroupMaxSize >= 128, "no subgroup would be larger");
  const profile = { ...PROFILE, subgroupMin: 128, subgroupMax: 128 };
  await withoutSubgroups(freshContext, { device, profile });
});

test("a team within a subgroup does not read workgroup memory", async ({
  ownDevice,
  freshContext,
}) => {
  const device = rewriting(ownDevice, (code) => code.replace("i < TEAM / LEAST_REACH", "i < 1u"));
  const ctx = await freshContext({
    device,
    profile: { ...PROFILE, subgroups: false },
  });
  Object.assign(ctx.planning, { shuffles: SHUFFLES }); // as if they had passed
  const overrides = { subgroups: true, split: false };
  expect(await offFrom(ctx, ROWS, { ...overrides, team: 4 })).toBeLessThanOrEqual(1);
  expect(await offFrom(ctx, ROWS, { ...overrides, team: 256 })).toBeGreaterThan(1);
});

/** A context that may use subgroups if they work, and what it does then. */
async function withoutSubgroups(
  freshContext: GpuFixtures["freshContext"],
  options: ContextOptions,
): Promise<void> {
  const ctx = await freshContext(options);
  expect(ctx.profile.subgroups).toBe(false);
  expect(shadersOf(ctx, { team: 8 })).not.toMatch(/subgroup/);
  expect(await offFrom(ctx, ROWS, { team: 8 })).toBeLessThanOrEqual(1);
}

const FAULTS: Readonly<Record<string, (code: string) => string>> = {
  "a shuffle of zeros": (code) =>
    code.replace("subgroupShuffleXor(s.first, by * LANE_STRIDE)", "PerGroup(0.0)"),
  "a sum of one lane": (code) => code.replace("subgroupAdd(own.second)", "own.second"),
  "sums from the wrong lane": (code) => code.replace("Xor(s.second, by", "Xor(s.second, 0u * by"),
  "what no compiler takes": (code) => code.replace("fn reachOfSubgroup", "fn fn reachOfSubgroup"),
  "what no pipeline can be": (code) => code.replace("_size(WORKGROUP)", "_size(WORKGROUP * 1024u)"),
};

for (const [name, fault] of share(Object.entries(FAULTS), 2, 0)) {
  test(`nobody uses subgroups that are wrong: ${name}`, async ({ ownDevice, freshContext }) => {
    const device = rewriting(ownDevice, fault);
    await withoutSubgroups(freshContext, { device, profile: PROFILE });
  });
}

/** Lets the first dispatches run, and no other. */
function idleAfter(device: GPUDevice, most: number): GPUDevice {
  let dispatches = 0;
  const encoderOf = device.createCommandEncoder.bind(device);
  const createCommandEncoder = (descriptor?: GPUCommandEncoderDescriptor) => {
    const encoder = encoderOf(descriptor);
    const passOf = encoder.beginComputePass.bind(encoder);
    const beginComputePass = (of?: GPUComputePassDescriptor) => {
      const pass = passOf(of);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      const dispatchWorkgroups = (...size: [number, number?, number?]) => {
        if (dispatches++ < most) dispatch(...size);
      };
      return Object.defineProperty(pass, "dispatchWorkgroups", { value: dispatchWorkgroups });
    };
    return Object.defineProperty(encoder, "beginComputePass", { value: beginComputePass });
  };
  return Object.defineProperty(device, "createCommandEncoder", { value: createCommandEncoder });
}

test("nor some of which only the first run is right", async ({
  ownDevice: device,
  freshContext,
}) => {
  const ctx = await freshContext({ device: idleAfter(device, 4), profile: PROFILE });
  expect(ctx.profile.subgroups).toBe(false);
});

test("without the feature, or where the profile says so, nothing is tried", async ({
  freshDevice,
  freshContext,
}) => {
  const options = [
    { device: await freshDevice({ requiredFeatures: [] }), profile: PROFILE },
    { device: await freshDevice(), profile: { ...PROFILE, subgroups: false } },
  ];
  for (const { device, profile } of options) {
    const watched = rewriting(device, () => "tried");
    await withoutSubgroups(freshContext, { device: watched, profile });
  }
});

test("a device is tried once, and keeps nothing", async ({ ownDevice: device, freshContext }) => {
  const made: GPUBuffer[] = [];
  const destroyed = new Set<GPUBuffer>();
  const original = device.createBuffer.bind(device);
  Object.defineProperty(device, "createBuffer", {
    value: (descriptor: GPUBufferDescriptor) => {
      const buffer = original(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      made.push(buffer);
      return Object.defineProperty(buffer, "destroy", {
        value: () => {
          destroyed.add(buffer);
          destroy();
        },
      });
    },
  });
  const contexts = await Promise.all([1, 2].map(() => freshContext({ device, profile: PROFILE })));
  expect(contexts.map(({ profile }) => profile.subgroups)).toEqual([true, true]);
  expect(made.length).toBe(3);
  expect(made.filter((buffer) => !destroyed.has(buffer))).toEqual([]);
});

test("a context of its own asks for them, and uses them on real GPUs", async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const ctx = await createContext();
  const there = adapter?.features.has("subgroups") ?? false;
  expect(ctx.device.features.has("subgroups")).toBe(there);
  if (!there || ctx.profile.software) expect(ctx.profile.subgroups).toBe(false);
  ctx.destroy();
});

test("plans say whether they use them", ({ subgroups }) => {
  const shape = [64, 3, 56, 56];
  const text = explain(subgroups, batchNorm, { shape, training: true }).toString();
  expect(text).toContain("profile gpu with subgroups,");
  expect(text).toContain("reduce/team/subgroup.wgsl");
  const args = { shape: [64, 768], normalizedShape: [768] };
  const without = subgroups.forced({ subgroups: false }, () => explain(subgroups, layerNorm, args));
  expect(without.toString()).toContain("reduce/team/workgroup.wgsl");
});
