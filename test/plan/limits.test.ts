// Plans stay within the limits of the device, whatever chose them: the heuristics, tuning, a tuning
// of another device, tests, or a profile of the caller's.

import { expect, test } from "vitest";
import { candidates } from "../../src/plan/candidates";
import { DEFAULTS, type PlanningProfile } from "../../src/plan/device_profile";
import type { PlanOverrides } from "../../src/plan/overrides";
import type { Pass, Plan } from "../../src/plan/plan";
import { queueOf } from "../../src/runtime/command_queue";
import { pipelinesOf } from "../../src/runtime/pipeline_cache";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import { bindingsOf, fragmentNames, sourceOf } from "../../src/wgsl/link";
import { abstractCalls } from "../support/abstract_calls";
import { nullDevice } from "../support/null_device";
import { workgroupMemory } from "../support/workgroup_memory";

const WORKGROUP_BYTES = 16384; // every device has so many

const profile = (values: Partial<PlanningProfile>): PlanningProfile => ({
  ...DEFAULTS.gpu,
  name: "paper",
  software: false,
  f16: false,
  subgroups: false,
  invocations: 256,
  storageBuffers: 8,
  maxBindingBytes: 2 ** 27,
  ...values,
});

const SUBGROUPS = { f16: true, subgroups: true, shuffles: SHUFFLES };
const WIDE = { workgroup: 1024, wideWorkgroup: 1024, combineBytes: 2 ** 16, workgroups: 8 };

/** Devices of the tiers of Chrome's limits, with usual profiles and with numbers of the caller's. */
const PROFILES: Readonly<Record<string, PlanningProfile>> = {
  subgroups: profile({ ...SUBGROUPS, workgroups: 8 }),
  "compatibility mode": profile({ invocations: 128 }),
  "compatibility mode, wide": profile({ ...WIDE, invocations: 128 }),
  "an odd limit": profile({ ...SUBGROUPS, ...WIDE, invocations: 600 }),
  cpu: profile({ ...DEFAULTS.cpu, invocations: 128 }),
};

/** A tuning of another device may have these, and any of them together. */
const FORCED: readonly PlanOverrides[] = [
  { team: 256, columns: true, split: false },
  { team: 1024, columns: true, split: true, slices: 64 },
  { team: 1024, inRegisters: true, fuseParameterGradients: true },
  { team: 256, nativeF16: true, subgroups: true, deferInner: true },
];

const CALLS = abstractCalls(1);

const isPower = (n: number) => Number.isInteger(Math.log2(n));

/** The bytes of a kernel, which many plans have. */
const known = new Map<string, number>();

function memoryOf({ fragments, partition: { workgroup } }: Pass): number {
  const key = `${workgroup} ${fragmentNames(fragments)}`;
  const bytes = known.get(key) ?? workgroupMemory(sourceOf(fragments), workgroup);
  known.set(key, bytes);
  return bytes;
}

/** What is beyond the device in a pass. */
function faultsOf(pass: Pass, on: PlanningProfile): string[] {
  const { fragments, constants, dispatches, partition } = pass;
  const { workgroup, team } = partition;
  const features = new Set(fragments.flatMap(({ features = [] }) => features));
  const buffers = bindingsOf(fragments).filter(({ type }) => type !== "uniform").length;
  const memory = memoryOf(pass);
  const faults = {
    invocations: workgroup > on.invocations,
    memory: memory > WORKGROUP_BYTES,
    buffers: buffers > on.storageBuffers,
    grid: dispatches.some(({ grid }) => Math.max(...grid) > 65535),
    team: team > 1 && (!isPower(team) || workgroup % team !== 0),
    constants: (constants.WORKGROUP ?? workgroup) !== workgroup,
    f16: features.has("f16") && !on.f16,
    subgroups: features.has("subgroups") && !on.subgroups,
  };
  const found = Object.entries(faults).flatMap(([name, is]) => (is ? [name] : []));
  return found.map((name) => `${name}: ${workgroup} in teams of ${team}, ${memory} bytes`);
}

/** The plans of a call that heuristics, tuning and imports may choose. */
function plansOf({ problem, plan }: (typeof CALLS)[number], on: PlanningProfile) {
  const found = candidates(problem, plan, on).map(({ overrides, plan }) => ({ overrides, plan }));
  const forced = FORCED.map((overrides) => ({ overrides, plan: plan(problem, on, overrides) }));
  return [...found, ...forced];
}

/** One pass of each kernel and size that has much workgroup memory, or many invocations. */
const largest = { memory: new Map<string, Pass>(), invocations: new Map<string, Pass>() };

function keep({ passes }: Plan, by: keyof typeof largest): void {
  for (const pass of passes) {
    const much = by === "memory" ? memoryOf(pass) > WORKGROUP_BYTES / 4 : pass.constants.TEAM > 64;
    const key = `${fragmentNames(pass.fragments)} ${JSON.stringify(pass.constants)}`;
    if (much) largest[by].set(key, pass);
  }
}

/** Has a device make the pipelines of passes. */
async function refusals(device: GPUDevice, passes: ReadonlyMap<string, Pass>): Promise<string[]> {
  const failures: string[] = [];
  for (const [key, pass] of passes) {
    const { status } = queueOf(device).batch((batch) => {
      pipelinesOf(device).get(device, "test", pass);
      return batch;
    });
    const error = await status.done;
    if (error) failures.push(`${key}: ${error.message}`);
  }
  device.destroy();
  return failures;
}

test.each(Object.entries(PROFILES))(
  "no plan is beyond the limits: %s",
  (name, on) => {
    const faults = new Set<string>();
    let plans = 0;
    // Every call meets devices of both limits, on two or three of the five.
    const turn = Object.keys(PROFILES).indexOf(name);
    for (const call of CALLS.filter((_, i) => i % 2 === turn % 2)) {
      for (const { overrides, plan } of plansOf(call, on)) {
        plans++;
        for (const pass of plan.passes) {
          const what = `${call.problem.op} ${JSON.stringify(overrides)}`;
          for (const fault of faultsOf(pass, on)) faults.add(`${what}: ${fault}`);
        }
        if (name === "subgroups") keep(plan, "memory");
        if (name === "compatibility mode") keep(plan, "invocations");
      }
    }
    expect([...faults].slice(0, 20)).toEqual([]);
    expect(plans).toBeGreaterThan(300);
  },
  180_000,
);

test("a device takes the kernels with the most workgroup memory", async () => {
  const device = await nullDevice(["shader-f16", "subgroups"]);
  expect(device.limits.maxComputeWorkgroupStorageSize).toBe(WORKGROUP_BYTES);
  expect(largest.memory.size).toBeGreaterThan(5);
  expect(await refusals(device, largest.memory)).toEqual([]);
}, 180_000);

test("a device in compatibility mode takes the kernels with the largest teams", async () => {
  const device = await nullDevice([], { featureLevel: "compatibility" });
  expect(device.limits.maxComputeInvocationsPerWorkgroup).toBe(128);
  expect(largest.invocations.size).toBeGreaterThan(5);
  expect(await refusals(device, largest.invocations)).toEqual([]);
}, 180_000);

test("a candidate that the limits make equal to another is listed once", () => {
  const teams = (on: PlanningProfile) => {
    const found = CALLS.slice(0, 20).map(({ problem, plan }) => candidates(problem, plan, on));
    for (const all of found) expect(new Set(all.map(({ text }) => text)).size).toBe(all.length);
    return found.flat().filter(({ overrides }) => overrides.team === 256).length;
  };
  const one = profile({ workgroup: 64, wideWorkgroup: 64, invocations: 64 });
  expect(teams(profile({}))).toBeGreaterThan(5);
  expect(teams(one)).toBe(0); // the team of 64 is the same
}, 180_000);
