// This file checks the profile that a caller gives. It is imported dynamically where there is one,
// and must not import the main module, because bundlers would split that into a shared chunk with an
// export list.

import type { OptionKind, OptionTable } from "../base/options";
import type { DeviceProfile } from "../plan/device_profile";

type CheckOptions = typeof import("../base/options").checkOptions;

const kindOf =
  (is: (value: unknown) => boolean, expected: string): OptionKind =>
  (value) =>
    !is(value) && expected;

const isWhole = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

const FLAG = kindOf((value) => typeof value === "boolean", "true or false");
const COUNT = kindOf((value) => isWhole(value, 1), "a positive integer");
const MAYBE_NONE = kindOf((value) => isWhole(value, 0), "an integer that is not negative");

const upTo = (most: number) =>
  kindOf((value) => isWhole(value, 1, most), `a positive integer up to the device's ${most}`);

const powerUpTo = (most: number) =>
  kindOf(
    (value) => isWhole(value, 1, most) && Number.isInteger(Math.log2(value as number)),
    `a power of two up to the device's ${most}`,
  );

const SUBGROUP_SIZE = kindOf(
  (value) => [4, 8, 16, 32, 64, 128].includes(value as number),
  "a power of two from 4 to 128",
);

function isRange(value: unknown): boolean {
  const { min, max } = Object(value);
  return isWhole(min, 1) && isWhole(max, min);
}

function profileTable({ limits, features }: GPUDevice): OptionTable<DeviceProfile> {
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = limits;
  const most = Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  return {
    kind: kindOf((value) => value === "cpu" || value === "gpu", '"cpu" or "gpu"'),
    name: kindOf((value) => typeof value === "string", "a string"),
    software: FLAG,
    workgroup: powerUpTo(most),
    wideWorkgroup: powerUpTo(most),
    workgroups: COUNT,
    f16: features.has("shader-f16")
      ? FLAG
      : kindOf((value) => value === false, "false: the device has no shader-f16"),
    subgroups: FLAG,
    subgroupMin: SUBGROUP_SIZE,
    subgroupMax: SUBGROUP_SIZE,
    invocations: upTo(most),
    storageBuffers: upTo(limits.maxStorageBuffersPerShaderStage),
    maxBindingBytes: upTo(limits.maxStorageBufferBindingSize),
    loneRow: kindOf(isRange, "{ min, max }"),
    vectorsPerInvocation: COUNT,
    registerVectors: MAYBE_NONE,
    combineBytes: upTo(limits.maxComputeWorkgroupStorageSize),
    columnVectors: COUNT,
    columnElements: COUNT,
    minSliceVectors: COUNT,
    elementwiseVectors: COUNT,
    deferInnerBelow: MAYBE_NONE,
  };
}

/** Checks parts of a profile against the device. */
export function checkProfile(check: CheckOptions, profile: object, device: GPUDevice): void {
  check("createContext: profile", profile, profileTable(device));
}
