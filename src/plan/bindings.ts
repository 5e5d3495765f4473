// The shaders' arrays: which binding each has, and which file reads or writes it in a pass.

import type { DType } from "../base/dtype";
import * as files from "../wgsl/files";
import { type Fragment, instantiate, type ShaderArray } from "../wgsl/link";
import type { Access, LoopNest } from "./loop_nest";
import {
  type GradientTarget,
  type Layouts,
  OPERANDS,
  type Operand,
  type StridedName,
} from "./problem";

const BINDINGS = {
  x: 1,
  y: 2,
  weight: 3,
  bias: 4,
  mean: 6,
  spread: 7,
  dy: 8,
  residual: 9,
  sum: 10,
  scale: 11,
  shift: 12,
  residualBias: 13,
  threshold: 14,
  dSum: 15,
  storedStatistics: 16,
  runningMean: 17,
  runningVar: 18,
  d: 17,
  r: 18,
  first: 2,
  second: 10,
};

/** Arrays that are no operands: two lie as others do, of the rest there is one value a group. */
const STRIDES: { readonly [K in string]?: Operand } = { first: "y", second: "sum" };

const strideOf = (name: string) =>
  OPERANDS.find((operand) => operand === name) ?? STRIDES[name] ?? "statistics";

export const SHADER_ARRAYS = Object.fromEntries(
  Object.entries(BINDINGS).map(([name, binding]) => [
    name,
    { name, binding, strideName: strideOf(name) },
  ]),
) as Record<keyof typeof BINDINGS, ShaderArray>;

function loadFragment(access: Access, dtype: DType, native: boolean): Fragment {
  if (access === "single" || access === "same") return files.loadSingle;
  if (access === "gather") return files.loadGather4;
  if (dtype === "f32") return files.loadF32x4;
  return dtype === "f16" && native ? files.loadF16x4 : files.loadHalves4;
}

function storeFragment(access: Access, dtype: DType, native: boolean): Fragment {
  const packed = access === "pack";
  if (dtype === "f32") return packed ? files.storeF32x4 : files.storeF32;
  if (dtype === "f16" && native) return packed ? files.storeF16x4 : files.storeF16;
  return packed ? files.storeHalves4 : files.storeHalf;
}

/** The file that reads an operand, or says that there is none. */
export function loadOperand(
  name: Operand,
  { access }: LoopNest,
  layouts: Layouts,
  native: boolean,
  slot?: string,
): Fragment {
  const stored = layouts[name];
  if (stored === undefined) return instantiate(files.loadAbsent, SHADER_ARRAYS[name], "f32");
  const file = loadFragment(access[name], stored.dtype, native);
  return instantiate(file, SHADER_ARRAYS[name], stored.dtype, slot);
}

/** The same for one that is written. */
export function storeOperand(
  name: "y" | "sum" | "dSum",
  { access }: LoopNest,
  layouts: Layouts,
  native: boolean,
  slot?: string,
): Fragment {
  const stored = layouts[name];
  if (stored === undefined) return instantiate(files.storeAbsent, SHADER_ARRAYS[name], "f32");
  return instantiate(
    storeFragment(access[name], stored.dtype, native),
    SHADER_ARRAYS[name],
    stored.dtype,
    slot,
  );
}

/** A parameter's gradient, written element by element. */
export function storeGradient(
  name: "first" | "second",
  target: GradientTarget | undefined,
  native: boolean,
): Fragment {
  if (target === undefined) return instantiate(files.storeAbsentSingle, SHADER_ARRAYS[name], "f32");
  const { layout, tensorName } = target;
  return instantiate(
    storeFragment("single", layout.dtype, native),
    SHADER_ARRAYS[name],
    layout.dtype,
    tensorName,
  );
}

/** Statistics, one a group. */
export function loadStatistics(
  name: "storedStatistics" | "mean" | "spread" | "runningMean" | "runningVar" | "r" | "d",
  { access }: { access: { readonly [K in StridedName]: Access } },
  dtype: DType = "f32",
  slot?: string,
): Fragment {
  return instantiate(
    loadFragment(access.statistics, dtype, false),
    SHADER_ARRAYS[name],
    dtype,
    slot,
  );
}

export const absentArray = (name: keyof typeof SHADER_ARRAYS): Fragment =>
  instantiate(files.loadAbsent, SHADER_ARRAYS[name], "f32");
