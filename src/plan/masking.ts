// This file has what a mask changes in a pass: it reads the weights of elements, and some shader
// files take the places of others. It comes with the mask, so that pages without masks do not have
// it.

import * as files from "../wgsl/files";
import { type Fragment, instantiate, type ShaderFile } from "../wgsl/link";
import type { StatisticKind } from "../wgsl/statistics";
import { loadOperand, shaderArray } from "./bindings";
import type { OperandAccess } from "./operands";
import type { MaskRules, Problem } from "./problem";

type Replacements = Readonly<Record<string, readonly Fragment[]>>;

/** Lists files by the names of those whose places they take. */
const named = (pairs: readonly (readonly [usual: ShaderFile, ...own: ShaderFile[]])[]) =>
  Object.fromEntries(pairs.map(([usual, ...own]) => [usual.name, own]));

const everywhere = (): Replacements =>
  named([
    [files.reduceState, files.reduceState, files.maskRules],
    [files.registers, files.maskRegisters],
    [files.accumulateStreamed, files.accumulateStreamed, files.countStreamed],
    [files.accumulateRegisters, files.accumulateRegisters, files.countRegisters, files.maskWeigh],
    [files.shareRegisters, files.shareRegistersWeighed],
    [files.pivotSample, files.pivotSampleWeighed],
    [files.pivotRegistersMean, files.pivotRegistersMeanWeighed],
    [files.sourceSummands, files.sourceWeighed, files.maskWeigh],
    [files.sourcePartials, files.sourcePartialsWeighed],
    [files.statisticsMeasured, files.statisticsMeasuredWeighed],
    [files.storedArrays, files.storedArraysWeighed],
    [files.storeStatisticsArrays, files.storeStatisticsArraysWeighed],
    [files.resultPlain, files.resultMasked],
    [files.kernelRunningStatistics, files.kernelRunningStatisticsWeighed],
  ]);

const inGradients = (): Replacements =>
  named([
    [files.elements, files.maskElements],
    [files.gradientPlain, files.gradientMasked],
    [files.throughPlain, files.throughMasked],
    [files.writeDxRegisters, files.writeDxRegistersMasked],
    [files.writeDxActivationGradient, files.writeDxActivationGradientMasked],
  ]);

let replacements: readonly [forward: Replacements, backward: Replacements] | undefined;

/** Returns the files of a pass, of which a mask replaces some. */
function replaced({ gradient }: Problem, fragments: readonly Fragment[]): Fragment[] {
  replacements ??= [everywhere(), { ...everywhere(), ...inGradients() }];
  const own = replacements[gradient ? 1 : 0];
  return fragments.flatMap((file) => {
    const { name, strideName } = file;
    const others = own[name] ?? [file];
    return strideName ? others.map((other) => ({ ...other, strideName })) : others;
  });
}

/** Lists the files that read the weights of elements: values of the mask, or lengths. */
const weightsOf =
  (weighs: boolean) =>
  ({ layouts, kind }: Problem, nest: OperandAccess, nativeF16: boolean): Fragment[] => {
    if (layouts.ordinal) {
      const template = nest.vectorWidth === 4 ? files.weightLength4 : files.weightLength;
      const file = instantiate(template, shaderArray("mask", "mask"), "f32");
      const whole = { mask_whole: Number(nest.access.mask === "vector") };
      return [file.overrides?.length ? { ...file, constants: whole } : file];
    }
    const values = weighs && kind.over !== "largest";
    const load = loadOperand("mask", nest, layouts, nativeF16);
    return [load, values ? files.weightValues : files.weightFlags];
  };

const FILLS = ["value", "keep", "apply"] as const;

export type MaskFill = (typeof FILLS)[number];

/** Returns what a mask changes. With `weighs` its values are weights, else flags. */
export const maskRules = (fill: MaskFill, weighs: boolean): MaskRules => ({
  key: fill + weighs,
  applies: fill === "apply",
  replaced,
  weights: weightsOf(weighs),
  constants: ({ over, factorOfNothing = 0 }: StatisticKind) => ({
    FILL: FILLS.indexOf(fill),
    SUMS_ARE_MEANS: Number(over === undefined),
    FACTOR_OF_NOTHING: factorOfNothing,
  }),
});
