// The command doctor says in words what this machine's WebGPU offers, and compares every operation
// with float64.

import type { Context } from "../../src/index";
import { rows } from "../../test/support/operations";
import { runRandomProblem } from "../../test/support/run_random_problem";
import { openGpu } from "./gpu";

const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** What a feature means for norms, where it is there and where it is not. */
const FEATURES: readonly (readonly [feature: GPUFeatureName, there: string, absent: string])[] = [
  [
    "shader-f16",
    "16-bit floats are read and written by the GPU's own instructions",
    "16-bit floats work all the same, converted by integer instructions",
  ],
  [
    "subgroups",
    "teams of invocations add by shuffles",
    "teams of invocations add through workgroup memory, which is slower on GPUs",
  ],
  [
    "timestamp-query",
    "tune and benchmarks measure on the GPU itself",
    "tune and benchmarks measure by the wall clock",
  ],
];

function described(adapter: GPUAdapter, { profile, device }: Context): string {
  const { info } = adapter;
  const { limits } = device;
  const name = info.description || info.device || `${info.vendor} ${info.architecture}`.trim();
  const kind = profile.software
    ? "an adapter in software: it computes on the CPU, so its speed says nothing about a GPU"
    : "a GPU";
  const features = FEATURES.map(([feature, there, absent]) => {
    const has = device.features.has(feature);
    return `  ${has ? "yes" : "no "}  ${feature}: ${has ? there : absent}`;
  });
  return [
    `Adapter: ${name || "without a name"}, ${kind}.`,
    ...features,
    `A shader reaches ${mebibytes(limits.maxStorageBufferBindingSize)} of an array at once; larger ones are cut into tiles.`,
    `A workgroup has at most ${limits.maxComputeInvocationsPerWorkgroup} invocations and ${limits.maxComputeWorkgroupStorageSize / 1024} KiB.`,
  ].join("\n");
}

export interface DoctorOptions {
  /** Problems an operation. */
  readonly problems: number;
  /** A part of the operations' names. */
  readonly only?: string | undefined;
  readonly print: (line: string) => void;
  /** Called after each operation. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** Returns how many problems gave a wrong result. */
export async function doctor({
  problems,
  only = "",
  print,
  onProgress,
}: DoctorOptions): Promise<number> {
  const chosen = rows.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) {
    const names = rows.map(({ name }) => name).join(", ");
    throw new Error(`no operation's name contains ${only}; these are: ${names}`);
  }
  const gpu = await openGpu();
  if (typeof gpu === "string") {
    print(`There is no WebGPU here: ${gpu}.`);
    return 1;
  }
  print(described(gpu.adapter, gpu.context));
  const wrong: string[] = [];
  for (const [i, operation] of chosen.entries()) {
    for (let seed = 0; seed < problems; seed++) {
      const found = await runRandomProblem(gpu.context, operation, seed);
      if (found !== null) wrong.push(found);
    }
    onProgress?.(i + 1, chosen.length);
  }
  const all = `${chosen.length} operations, ${chosen.length * problems} random problems`;
  print(
    wrong.length === 0
      ? `All right: ${all} agree with float64 within their bounds.`
      : `Wrong: ${wrong.length} of ${all}. Please report this.\n${wrong.join("\n")}`,
  );
  return wrong.length;
}
