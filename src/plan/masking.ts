// This file has what a mask changes in a pass: it reads the weights of elements, and some shader
// files take the places of others. It comes with the mask, so that pages without masks do not have
// it.

import { type DType, isInteger } from "../base/dtype";
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
    [files.shareStreamed, files.shareStreamedWeighed],
    [files.shareRegisters, files.shareRegistersWeighed, files.maskWeigh],
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
    [files.throughPlain, files.throughMasked, files.maskThrough],
    [files.writeDxRegisters, files.writeDxRegistersMasked],
    [files.writeDxActivationGradient, files.writeDxActivationGradientMasked],
  ]);

let replacements: readonly [forward: Replacements, backward: Replacements] | undefined;

/** Returns the files of a pass, of which a mask replaces some. */
function replaced({ gradient, kind }: Problem, fragments: readonly Fragment[]): Fragment[] {
  replacements ??= [everywhere(), { ...everywhere(), ...inGradients() }];
  const { weighed } = kind;
  const usual = replacements[gradient ? 1 : 0];
  const own = weighed ? { ...usual, [files.resultPlain.name]: [weighed] } : usual;
  return fragments.flatMap((file) => {
    const { name, strideName } = file;
    const others = own[name] ?? [file];
    return strideName ? others.map((other) => ({ ...other, strideName })) : others;
  });
}

/** Lists the files that read the weights of elements: flags or lengths, or values of a float mask. */
function weightsOf(
  { layouts, kind }: Problem,
  nest: OperandAccess,
  nativeF16: boolean,
): Fragment[] {
  const { dtype = "f32" } = layouts.mask ?? {};
  if (isInteger(dtype)) {
    return [integerWeights(nest, dtype, layouts.ordinal !== undefined), files.countedAll];
  }
  const load = loadOperand("mask", nest, layouts, nativeF16);
  const weights = kind.over === "largest" ? files.weightFlags : files.weightValues;
  return [load, weights, files.countedAll];
}

/** Returns the file that reads integers; the lanes of a vector may differ in them. */
function integerWeights({ access }: OperandAccess, dtype: DType, areLengths: boolean): Fragment {
  const differ = [access.mask, access.ordinal].some((by) => by === "vector" || by === "gather");
  const [one, four] = areLengths
    ? [files.weightLength, files.weightLength4]
    : [files.weightIntegers, files.weightIntegers4];
  const file = instantiate(differ ? four : one, shaderArray("mask", "mask"), dtype);
  const known = {
    mask_whole: access.mask === "vector",
    mask_same: access.mask === "same",
    mask_bytes: dtype === "u8",
  };
  const declared = Object.entries(known).filter(([name]) => file.overrides?.includes(name));
  const values = declared.map(([name, value]) => [name, Number(value)]);
  return { ...file, constants: Object.fromEntries(values) };
}

const FILLS = ["value", "keep", "apply"] as const;

export type MaskFill = (typeof FILLS)[number];

/** Returns what a mask changes. */
export const maskRules = (fill: MaskFill): MaskRules => ({
  key: fill,
  applies: fill === "apply",
  replaced,
  weights: weightsOf,
  constants: ({ over, pivot, factorOfNothing = 0 }: StatisticKind) => ({
    FILL: FILLS.indexOf(fill),
    PIVOT_COUNTS: Number(pivot.registers === files.pivotRegistersMean),
    SUMS_ARE_MEANS: Number(over === undefined),
    FACTOR_OF_NOTHING: factorOfNothing,
  }),
});

/** Returns rules by which elements count that are finite, those of a mask if there is one. */
export const finiteRules = (own?: MaskRules): MaskRules => ({
  ...(own ?? maskRules("value")),
  key: `finite ${own?.key}`,
  weights: (...of) =>
    own
      ? own.weights(...of).map((file) => (file === files.countedAll ? files.countedFinite : file))
      : [files.weightEvery, files.countedFinite],
});
