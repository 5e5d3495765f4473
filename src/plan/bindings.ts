// The shaders' arrays: which binding each has, and which file reads or writes it in a pass.

import type { DType } from "../base/dtype";
import * as files from "../wgsl/files";
import { type Module, type Port, ported } from "../wgsl/link";
import type { Access, Walk } from "./loop_nest";
import { type Layouts, OPERANDS, type Operand, type Stepped, type Target } from "./problem";

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
  planes: 16,
  runningMean: 17,
  runningVar: 18,
  d: 17,
  r: 18,
  first: 2,
  second: 10,
};

/** Arrays that are no operands: two lie as others do, of the rest there is one value a group. */
const PLACES: { readonly [K in string]?: Operand } = { first: "y", second: "sum" };

const placeOf = (name: string) =>
  OPERANDS.find((operand) => operand === name) ?? PLACES[name] ?? "stat";

export const PORTS = Object.fromEntries(
  Object.entries(BINDINGS).map(([name, binding]) => [
    name,
    { name, binding, place: placeOf(name) },
  ]),
) as Record<keyof typeof BINDINGS, Port>;

function inFile(access: Access, dtype: DType, native: boolean): Module {
  if (access === "single" || access === "same") return files.loadSingle;
  if (access === "gather") return files.loadGather4;
  if (dtype === "f32") return files.loadF32x4;
  return dtype === "f16" && native ? files.loadF16x4 : files.loadHalves4;
}

function outFile(access: Access, dtype: DType, native: boolean): Module {
  const packed = access === "pack";
  if (dtype === "f32") return packed ? files.storeF32x4 : files.storeF32;
  if (dtype === "f16" && native) return packed ? files.storeF16x4 : files.storeF16;
  return packed ? files.storeHalves4 : files.storeHalf;
}

/** The file that reads an operand, or says that there is none. */
export function input(
  name: Operand,
  { access }: Walk,
  layouts: Layouts,
  native: boolean,
  slot?: string,
): Module {
  const stored = layouts[name];
  if (stored === undefined) return ported(files.loadAbsent, PORTS[name], "f32");
  const file = inFile(access[name], stored.dtype, native);
  return ported(file, PORTS[name], stored.dtype, slot);
}

/** The same for one that is written. */
export function output(
  name: "y" | "sum" | "dSum",
  { access }: Walk,
  layouts: Layouts,
  native: boolean,
  slot?: string,
): Module {
  const stored = layouts[name];
  if (stored === undefined) return ported(files.storeAbsent, PORTS[name], "f32");
  return ported(outFile(access[name], stored.dtype, native), PORTS[name], stored.dtype, slot);
}

/** A parameter's gradient, written element by element. */
export function gradientOut(
  name: "first" | "second",
  target: Target | undefined,
  native: boolean,
): Module {
  if (target === undefined) return ported(files.storeAbsentSingle, PORTS[name], "f32");
  const { stored, slot } = target;
  return ported(outFile("single", stored.dtype, native), PORTS[name], stored.dtype, slot);
}

/** Statistics, one a group. */
export function statisticsIn(
  name: "planes" | "mean" | "spread" | "runningMean" | "runningVar" | "r" | "d",
  { access }: { access: { readonly [K in Stepped]: Access } },
  dtype: DType = "f32",
  slot?: string,
): Module {
  return ported(inFile(access.stat, dtype, false), PORTS[name], dtype, slot);
}

export const absent = (name: keyof typeof PORTS): Module =>
  ported(files.loadAbsent, PORTS[name], "f32");
