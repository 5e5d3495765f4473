// The planner of the library plans cases here, for machines that are described, not there.

import * as webgpuNorm from "../../src/index";
import {
  abstractCall,
  type InputSpec,
  type PlannableOperation,
} from "../../src/operation/abstract";
import { type PlanningProfile, profileOf } from "../../src/plan/device_profile";
import type { Partition } from "../../src/plan/heuristics";
import type { Pass } from "../../src/plan/plan";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import { sourceOf } from "../../src/wgsl/link";
import type { Case } from "./cases";
import { type Kernel, kernelOf } from "./kernels";
import type { Machine } from "./machines";

export interface PlannedPass {
  readonly does: string;
  readonly kernel: Kernel;
  readonly workgroup: number; // invocations
  readonly workgroups: readonly number[]; // of each dispatch
  readonly vectors: number; // that an invocation visits
  readonly run: number; // bytes of x that are neighbours and read by one workgroup
  readonly bytes: number; // traffic with memory, if a second read of an array finds it in the cache
  readonly files: readonly string[]; // names of the shader files that are joined
}

export interface CasePlan {
  readonly given: Case;
  readonly machine: Machine;
  readonly passes: readonly PlannedPass[];
}

/** The library asks devices for the adapter's limits of sizes, and for no others. */
const LIMITS = {
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxStorageBuffersPerShaderStage: 8,
  maxStorageBufferBindingSize: 2 ** 31 - 4,
};

function profileFor({ info, features, limits }: Machine): PlanningProfile {
  const described = { limits: { ...LIMITS, ...limits }, features: new Set<string>(features) };
  const profile = profileOf(info, described as unknown as GPUDevice); // it reads no more of one
  return { ...profile, ...(profile.subgroups && { shuffles: SHUFFLES }) };
}

const operations = webgpuNorm as unknown as Readonly<Record<string, PlannableOperation<never>>>;

/** Vectors of a group are neighbours along its inner loop, and so may be the groups of a workgroup. */
function runOf({ nest, workgroup, team }: Partition): number {
  const { inner, kept, extents } = nest;
  const own = inner.x === 1 ? inner.size : 1;
  const all = kept.reduceRight((run, dim) => (dim.x === run ? run * dim.size : run), own);
  return Math.min(all, (own * workgroup) / team) * (extents.x?.bytes ?? 0);
}

function plannedPass({ does, fragments, constants, dispatches, partition, bytes }: Pass) {
  return {
    does,
    kernel: kernelOf(sourceOf(fragments), constants),
    workgroup: partition.workgroup,
    workgroups: dispatches.map(({ grid: [x, y] }) => x * y),
    run: runOf(partition),
    vectors: Math.ceil(partition.sliceVectors / partition.team),
    bytes,
    files: fragments.map(({ name }) => name),
  };
}

/** Plans a case as the library would in a browser on that machine. */
function planCase(given: Case, machine: Machine): CasePlan {
  const { op, shape, dtype, options, packed } = given;
  const spec: InputSpec = { shape, inputType: dtype, ...options };
  const call = abstractCall("planCase", operations[op], spec);
  const profile = profileFor(machine);
  const plan = call.plan(call.problem, packed ? { ...profile, f16: false } : profile);
  return { given, machine, passes: plan.passes.map(plannedPass) };
}

/** Plans cases for a machine; 16-bit storage, also packed, only where it has f16. */
export function planCases(cases: readonly Case[], machine: Machine): CasePlan[] {
  const halves = machine.features.includes("shader-f16");
  const possible = cases.filter(({ dtype }) => halves || dtype === "f32");
  return possible.map((given) => planCase(given, machine));
}
