// The commands explain and wgsl plan a call for this machine's GPU, or on paper for any.

import { explanationOf, kernelTexts } from "../../scripts/lib/kernels";
import { type Explanation, explain } from "../../src/index";
import type { NamedCall } from "./call";
import { openGpu } from "./gpu";

export interface PlanOptions {
  /** "gpu" or "cpu": planned on paper. */
  readonly profile?: string;
  readonly subgroups?: boolean;
}

async function planned(call: NamedCall, options: PlanOptions): Promise<[Explanation, string]> {
  const { inputType, ...args } = call.args;
  const onPaper = (kind: string) =>
    explanationOf(call.name, args, { ...options, dtype: inputType as string, profile: kind });
  if (options.profile !== undefined) return [onPaper(options.profile), `any ${options.profile}`];
  const gpu = await openGpu();
  if (typeof gpu === "string") return [onPaper("gpu"), `any GPU on paper (${gpu})`];
  const { context } = gpu;
  return [explain(context, call.operation, call.args as never), context.profile.name];
}

export async function explainCommand(
  call: NamedCall,
  { json, ...options }: PlanOptions & { json?: boolean },
): Promise<string> {
  const [explanation, device] = await planned(call, options);
  if (!json) return `Planned for ${device}.\n${explanation}`;
  const passes = explanation.passes.map((pass) => ({ ...pass, wgsl: undefined }));
  return JSON.stringify({ device, ...explanation, passes }, null, 2);
}

export async function wgslCommand(call: NamedCall, options: PlanOptions): Promise<string> {
  const [explanation] = await planned(call, options);
  return kernelTexts(explanation).join("\n");
}
