// This program runs under Deno; test/runners/naga.mjs bundles and starts it. It tests the library
// with another implementation of WGSL and WebGPU (naga and wgpu, as in Firefox). It prints one line
// per step and exits with 1 after any failure.

import { type Context, createContext } from "../../src/index";
import type { DeviceProfile } from "../../src/plan/device_profile";
import type { PlanOverrides } from "../../src/plan/overrides";
import type { Pass } from "../../src/plan/plan";
import { queueOf } from "../../src/runtime/command_queue";
import { fileAt } from "../../src/runtime/compile_errors";
import { pipelinesOf } from "../../src/runtime/pipeline_cache";
import { fragmentNames, sourceOf } from "../../src/wgsl/link";
import { difference, inChunks } from "../support/comparison";
import { gridProblems, randomProblem } from "../support/make_problems";
import { operations } from "../support/operations";
import type { Problem } from "../support/problem";
import { Random } from "../support/random";
import { expected } from "../support/tolerance";
import { PASSES } from "../support/variants";

declare const Deno: { exit(status: number): never; version: { deno: string } };

const SIZES = [
  [1, 1],
  [5, 3],
  [3, 64],
  [67, 8],
  [2, 1023],
  [1, 20_000],
] as const;
const RANDOM = 10; // further problems an operation

/** Both kinds of device, and what the sizes here are too small to lead to. */
const WAYS: readonly { profile: Partial<DeviceProfile>; force: PlanOverrides }[] = [
  { profile: { kind: "cpu", workgroup: 16, workgroups: 8 }, force: {} },
  { profile: { kind: "gpu", workgroup: 64, workgroups: 8 }, force: {} },
  { profile: { kind: "gpu", workgroup: 64, workgroups: 8 }, force: { split: true, slices: 3 } },
  {
    profile: { kind: "gpu", workgroup: 64, workgroups: 8 },
    force: { team: 8, inRegisters: false },
  },
];

/** The module alone, and then a pipeline, since overrides take effect only there. */
async function rejections(device: GPUDevice, passes: readonly Pass[]): Promise<string[]> {
  const found: string[] = [];
  for (const pass of passes) {
    const { fragments } = pass;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code: sourceOf(fragments) });
    const { messages } = await module.getCompilationInfo();
    const error = await device.popErrorScope();
    const told = messages.map((m) => `${fileAt(fragments, m.lineNum)}: ${m.message}`);
    const failure = told.join("\n") || error?.message || (await pipelineFailure(device, pass));
    if (failure) found.push(`${fragmentNames(fragments)}\n${failure}`);
  }
  return found;
}

async function pipelineFailure(device: GPUDevice, pass: Pass) {
  const { status } = queueOf(device).batch((batch) => {
    pipelinesOf(device).get(device, "naga", pass);
    return batch;
  });
  return (await status.done)?.message;
}

function problems(): Problem[] {
  return operations.flatMap((operation) => [
    ...SIZES.flatMap(([rows, length]) => gridProblems(operation, rows, length, new Random(length))),
    ...Array.from({ length: RANDOM }, (_, seed) => randomProblem(operation, new Random(seed))),
  ]);
}

/** Every result against the float64 loops of test/reference/norms.ts. */
async function disagreements(device: GPUDevice): Promise<string[]> {
  const found: string[] = [];
  const cases = problems().map((problem) => ({ problem, rules: expected(problem) }));
  for (const { profile, force: overrides } of WAYS) {
    const ctx: Context = await createContext({ device, profile });
    const how = `${profile.kind} ${JSON.stringify(overrides)}`;
    device.pushErrorScope("validation");
    const failures = await inChunks(cases, ({ problem, rules }) =>
      ctx.forced(overrides, () => difference(ctx, problem, rules)),
    );
    const error = await device.popErrorScope();
    if (error) failures.push(error.message);
    found.push(...failures.map((text) => `${how}: ${text}`));
    console.log(`naga: ${cases.length - failures.length} of ${cases.length} agree (${how})`);
    ctx.destroy();
  }
  return found;
}

const adapter = await navigator.gpu?.requestAdapter();
if (!adapter) {
  console.log("naga: skipped, Deno finds no adapter (is there a Vulkan driver?)");
  Deno.exit(0);
}
const { description, device: model } = adapter.info;
console.log(`naga: Deno ${Deno.version.deno} on ${description || model}`);
const f16 = adapter.features.has("shader-f16");
const device = await adapter.requestDevice({ requiredFeatures: f16 ? ["shader-f16"] : [] });
const needs = (feature: string, { fragments }: Pass) =>
  sourceOf(fragments).includes(`enable ${feature};`);
const known = PASSES.filter((pass) => !needs("subgroups", pass)); // which naga does not know
const passes = known.filter((pass) => f16 || !needs("f16", pass));
const rejected = await rejections(device, passes);
const left = f16 ? "" : `, ${known.length - passes.length} need shader-f16`;
console.log(
  `naga: ${passes.length - rejected.length} of ${passes.length} combinations valid${left}`,
);
const wrong = rejected.length > 0 ? [] : await disagreements(device);
for (const text of [...rejected, ...wrong].slice(0, 10)) console.error(text);
Deno.exit(rejected.length + wrong.length > 0 ? 1 : 0);
