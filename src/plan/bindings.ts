// This file gives each array of the shaders its binding, and chooses the template that reads or
// writes it in a pass.

import type { DType, ElementDType } from "../base/dtype";
import * as files from "../wgsl/files";
import { type Fragment, instantiate, type ShaderArray, type ShaderFile } from "../wgsl/link";
import type { StatisticKind } from "../wgsl/statistics";
import type { LoopNest } from "./loop_nest";
import {
  type Access,
  GATE_OPERANDS,
  OPERANDS,
  type Operand,
  type OperandAccess,
  STATISTICS_INPUTS,
  type StatisticsInput,
} from "./operands";
import type { ArrayOrigin, GradientTarget, Layouts, Problem } from "./problem";

const FIRST_BINDING = 8; // lower numbers belong to arrays that files declare by name
const ARRAYS: readonly string[] = [...OPERANDS, ...STATISTICS_INPUTS, ...GATE_OPERANDS];

const bindingOf = (name: string) => FIRST_BINDING + ARRAYS.indexOf(name);

/** Returns the array `name`; `strideName` is the operand whose strides lead through it. */
export function shaderArray(name: string, strideName: Operand): ShaderArray {
  return { name, binding: bindingOf(strideName), strideName };
}

function statisticsArray(name: StatisticsInput): ShaderArray {
  return { name, binding: bindingOf(name), strideName: "statistics" };
}

interface Templates {
  readonly load4: ShaderFile;
  readonly store4?: ShaderFile;
  readonly store1?: ShaderFile;
}

const HALVES = { load4: files.loadHalves4, store4: files.storeHalves4, store1: files.storeHalf };
const INTEGERS = { load4: files.loadIntegers4 }; // results are floats

/**
 * These templates read and write each type, as vectors of four and as single elements. f16 has a
 * second row for devices with shader-f16.
 */
const TEMPLATES: Readonly<Record<ElementDType | "nativeF16", Templates>> = {
  f32: { load4: files.loadF32x4, store4: files.storeF32x4, store1: files.storeF32 },
  f16: HALVES,
  bf16: HALVES,
  u16: INTEGERS,
  u8: INTEGERS,
  i8: INTEGERS,
  nativeF16: { load4: files.loadF16x4, store4: files.storeF16x4, store1: files.storeF16 },
};

const templatesOf = (dtype: DType, nativeF16: boolean) =>
  TEMPLATES[dtype === "f16" && nativeF16 ? "nativeF16" : (dtype as ElementDType)]; // not of masks

function loadTemplate(access: Access, dtype: DType, nativeF16: boolean): ShaderFile {
  if (access === "single" || access === "same") return files.loadSingle;
  return access === "gather" ? files.loadGather4 : templatesOf(dtype, nativeF16).load4;
}

function storeTemplate(
  access: Access,
  dtype: DType,
  nativeF16: boolean,
  bytes?: StatisticKind["bytes"],
): ShaderFile {
  const { store4, store1 } = bytes && dtype === "u8" ? bytes : templatesOf(dtype, nativeF16);
  return (access === "vector" ? store4 : store1) as ShaderFile; // checks allow no other results
}

/** Returns the file that reads an operand, or one that says the call does not have it. */
export function loadOperand(
  name: Operand,
  { access }: Pick<OperandAccess, "access">,
  layouts: Layouts,
  nativeF16: boolean,
): Fragment {
  const array = shaderArray(name, name);
  const layout = layouts[name];
  if (layout === undefined) return instantiate(files.loadAbsent, array, "f32");
  const template = loadTemplate(access[name], layout.dtype, nativeF16);
  return instantiate(template, array, layout.dtype);
}

/** Returns the file that reads an operand through the output that overwrites it. */
function loadInPlace(name: Operand, output: string): Fragment {
  const file = instantiate(files.loadInPlace, shaderArray(name, name), "f32");
  const text = file.text.replace("read_y", `read_${output}`);
  return { ...file, name: `${file.name} by ${output}`, text, strideName: name };
}

/** Returns the files with one binding for each output that they write and what it overwrites. */
export function sharedBindings(
  fragments: readonly Fragment[],
  inPlace: Problem["inPlace"],
): Fragment[] {
  const arrays = fragments.flatMap(({ arrays: declared = [] }) => declared);
  const written = new Set(arrays.flatMap(([name, , type]) => (type === "storage" ? [name] : [])));
  return fragments.map((fragment) => {
    const name = fragment.arrays?.[0]?.[0] as Operand;
    const output = inPlace[name];
    return output && written.has(output) ? loadInPlace(name, output) : fragment;
  });
}

/**
 * Returns the file that writes a result, or one that says the call does not have it. `name` is the
 * name in the shaders, where it differs.
 */
export function storeOperand(
  operand: Operand,
  { access }: Pick<LoopNest, "access">,
  layouts: Layouts,
  nativeF16: boolean,
  name: string = operand,
  bytes?: StatisticKind["bytes"],
): Fragment {
  const array = shaderArray(name, operand);
  const layout = layouts[operand];
  if (layout === undefined) return instantiate(files.storeAbsent, array, "f32");
  const template = storeTemplate(access[operand], layout.dtype, nativeF16, bytes);
  return instantiate(template, array, layout.dtype);
}

/** Returns the file that writes a parameter's gradient, element by element. */
export function storeGradient(
  name: "dFirst" | "dSecond",
  target: GradientTarget | undefined,
  nativeF16: boolean,
): Fragment {
  const array = shaderArray(name, name);
  if (target === undefined) return instantiate(files.storeAbsentSingle, array, "f32");
  const { layout, tensorName, adds } = target;
  const template = storeTemplate("single", layout.dtype, nativeF16);
  const file = instantiate(template, array, layout.dtype, tensorName);
  return adds ? { ...file, constants: { ...file.constants, [`${name}_adds`]: 1 } } : file;
}

/** Returns the file that reads statistics, one value per group. */
export function loadStatistics(
  name: StatisticsInput,
  { access }: Pick<OperandAccess, "access">,
  dtype: DType = "f32",
  tensorName?: string,
): Fragment {
  const template = loadTemplate(access.statistics, dtype, false);
  return instantiate(template, statisticsArray(name), dtype, tensorName);
}

/** Returns the file that reads the statistics buffer of earlier passes. */
export const loadStored = (nest: LoopNest): Fragment =>
  loadStatistics("storedStatistics", nest, "f32", "statistics");

/** Returns the file that stands for statistics that the call does not have. */
export const absentStatistics = (name: StatisticsInput): Fragment =>
  instantiate(files.loadAbsent, statisticsArray(name), "f32");

/** Each array that a call has starts at an offset. */
export type Origins = { readonly [K in Operand]?: ArrayOrigin | undefined };
