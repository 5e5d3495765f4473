// This file joins the kernels of a call, planned without a device.

import * as webgpuNorm from "../../src/index.ts";
import {
  abstractCall,
  type InputSpec,
  type PlannableOperation,
} from "../../src/operation/abstract.ts";
import { type ExplainedPass, type Explanation, explainPlan } from "../../src/operation/explain.ts";
import { type PlanningProfile, profileOf } from "../../src/plan/device_profile.ts";
import { SHUFFLES } from "../../src/runtime/subgroup_check.ts";

export interface KernelOptions {
  readonly profile?: string;
  readonly dtype?: string;
  readonly subgroups?: boolean;
}

/** The limits that every device has, and 16-bit floats. */
const DEVICE = {
  limits: {
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
    maxStorageBuffersPerShaderStage: 8,
    maxStorageBufferBindingSize: 2 ** 27,
  },
  features: new Set(["shader-f16"]),
} as unknown as GPUDevice; // what a profile is made from, and no more

function profileFor({ profile = "gpu", subgroups = false }: KernelOptions): PlanningProfile {
  if (profile !== "gpu" && profile !== "cpu") {
    throw new Error(`profile ${profile}, expected gpu or cpu`);
  }
  const found = profileOf({ description: `any ${profile}` }, DEVICE, profile);
  return { ...found, subgroups, ...(subgroups && { shuffles: SHUFFLES }) };
}

function passText(pass: ExplainedPass, number: number): string {
  const constants = Object.entries(pass.constants).map(([name, value]) => `${name} = ${value}`);
  const bindings = pass.bindings.map(
    ({ binding, tensor, type }) => `${binding}: ${tensor} (${type})`,
  );
  return [
    `// Pass ${number}, ${pass.does}: ${pass.loops}.`,
    `// ${pass.grid.join(" x ")} workgroups of ${pass.workgroup}, ${pass.jobs} jobs of ${pass.team} each, ${pass.bytes} bytes.`,
    `// Overrides: ${constants.join(", ")}.`,
    `// Bindings: ${bindings.join(", ")}.`,
    "",
    pass.wgsl,
  ].join("\n");
}

/** Returns the explanation of a call on a device of this kind, which need not be there. */
export function explanationOf(
  name: string,
  args: object,
  options: KernelOptions = {},
): Explanation {
  const operation = (webgpuNorm as Readonly<Record<string, unknown>>)[name];
  if (operation === undefined) throw new Error(`${name}, expected an operation of webgpu-norm`);
  const input = { inputType: options.dtype ?? "f32", ...args } as InputSpec; // checked by what follows
  const call = abstractCall("explain", operation as PlannableOperation<unknown>, input);
  const profile = profileFor(options);
  const plan = call.plan(call.problem, profile);
  return explainPlan(call, profile, plan, undefined);
}

/** Writes each pass with its overrides and bindings, and its text with a line before each file. */
export const kernelTexts = ({ passes }: Explanation): string[] =>
  passes.map((pass, i) => passText(pass, i + 1));

export const kernelsOf = (name: string, args: object, options: KernelOptions = {}): string[] =>
  kernelTexts(explanationOf(name, args, options));
