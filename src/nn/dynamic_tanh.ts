// These modules are dynamic tanh and dynamic erf with their state.

import { checkOptions, NUMBER, type OptionTable } from "../base/options";
import {
  dynamicErf,
  dynamicErfBackward,
  dynamicTanh,
  dynamicTanhBackward,
} from "../norms/dynamic_tanh";
import type { Context } from "../runtime/context";
import type { ParameterSpec } from "./module";
import { type ModuleSpec, NormModule, type Operations } from "./norm_module";
import type { Parameter } from "./parameter";
import { overTrailing, TRAILING_OPTIONS, type TrailingModuleOptions } from "./trailing_module";

export interface DynamicTanhModuleOptions extends Omit<TrailingModuleOptions, "eps"> {
  /** alpha begins with this value. Default 0.5. */
  alphaInitValue?: number | undefined;
}

export interface DynamicErfModuleOptions extends DynamicTanhModuleOptions {
  /** The offset begins with this value. Default 0. */
  shiftInitValue?: number | undefined;
}

const { eps: _, ...INHERITED } = TRAILING_OPTIONS;

const OPTIONS: OptionTable<DynamicTanhModuleOptions> = { ...INHERITED, alphaInitValue: NUMBER };

const ERF_OPTIONS: OptionTable<DynamicErfModuleOptions> = { ...OPTIONS, shiftInitValue: NUMBER };

const TANH = { name: "DynamicTanh", forward: dynamicTanh, backward: dynamicTanhBackward };
const ERF = { name: "DynamicErf", forward: dynamicErf, backward: dynamicErfBackward };

/** Describes a function of alpha x, in the order of PyTorch's parameters. */
function bent(
  norm: Operations,
  normalizedShape: number | readonly number[],
  options: DynamicTanhModuleOptions,
  others: readonly ParameterSpec[],
): ModuleSpec {
  const { alphaInitValue: first = 0.5 } = options;
  const { parameters, ...description } = overTrailing(norm, normalizedShape, options, {});
  return {
    ...description,
    parameters: [{ option: "alpha", shape: [1], first }, ...parameters, ...others],
    withoutStatistics: true,
  };
}

/**
 * A DynamicTanh is `dynamicTanh` with its state: y = tanh(alpha x) * weight + bias, without
 * statistics, in training and evaluation alike.
 *
 * x: [..., ...normalizedShape] (a number: the last axis); alpha (at first 0.5): [1]; weight (1) and
 * bias (0): normalizedShape. Defaults: elementwiseAffine, bias. Throws NormError for a
 * `normalizedShape` that is not a shape, and as `dynamicTanh` does.
 * Source: Zhu et al. 2025, "Transformers without Normalization" (DyT).
 */
export class DynamicTanh extends NormModule {
  /** alpha is the factor inside the tanh: [1]. */
  readonly alpha: Parameter;

  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: DynamicTanhModuleOptions = {},
  ) {
    checkOptions(TANH.name, options, OPTIONS);
    super(context, bent(TANH, normalizedShape, options, []));
    this.alpha = this.learned.get("alpha") as Parameter;
  }
}

/**
 * A DynamicErf is `dynamicErf` with its state: y = erf(alpha x + offset) * weight + bias, without
 * statistics, in training and evaluation alike.
 *
 * x: [..., ...normalizedShape] (a number: the last axis); alpha (at first 0.5) and offset (0,
 * `shift` in state dictionaries): [1]; weight (1) and bias (0): normalizedShape. Defaults:
 * elementwiseAffine, bias. Throws NormError for a `normalizedShape` that is not a shape, and as
 * `dynamicErf` does.
 * Source: Chen et al. 2025, "Stronger Normalization-Free Transformers" (Derf).
 */
export class DynamicErf extends NormModule {
  /** alpha is the factor inside the erf: [1]. */
  readonly alpha: Parameter;
  /** The offset is added inside the erf: [1]. */
  readonly offset: Parameter;

  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: DynamicErfModuleOptions = {},
  ) {
    const { shiftInitValue: first = 0 } = checkOptions(ERF.name, options, ERF_OPTIONS);
    const offset = { option: "offset", name: "shift", shape: [1], first };
    super(context, bent(ERF, normalizedShape, options, [offset]));
    this.alpha = this.learned.get("alpha") as Parameter;
    this.offset = this.learned.get("offset") as Parameter;
  }
}
