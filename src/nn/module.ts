// A module owns parameters, their gradients, and the rest of a state. This file knows neither a
// forward nor a backward.

import type { FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { checkOptions } from "../base/options";
import { copy } from "../norms/shared/elementwise";
import { type Context, checkContext } from "../runtime/context";
import { checkTensor, type Tensor } from "../runtime/tensor";
import { Parameter } from "./parameter";
import {
  COUNT,
  entriesOf,
  filledTensor,
  LOAD_OPTIONS,
  type LoadOptions,
  type LoadResult,
  matchNames,
  STATE_OPTIONS,
  type StateDict,
  type StateOptions,
} from "./state_dict";
import { countFrom, type StateValue, writeInto } from "./state_values";

/** A parameter spec describes a parameter before it is made. */
export interface ParameterSpec {
  /** The operations take the parameter as this option. */
  readonly option: string;
  /** State dictionaries have this name for it. Default: that of the option. */
  readonly name?: string;
  readonly shape: readonly number[];
  /** The parameter begins with this value everywhere, or with the values of a tensor. */
  readonly first: number | Tensor;
  /** Default: the dtype of the module's parameters. */
  readonly dtype?: FloatDType;
}

/** A description of a module has its name, for errors. */
interface Named {
  readonly name: string;
}

/** A module has parameters, their gradients and a state, which `destroy()` frees. */
export abstract class Module {
  /** @internal The state dictionary contains these tensors, by PyTorch's names. */
  protected readonly tensors = new Map<string, Tensor>();
  /** @internal The parameters by the options that take them. */
  protected readonly learned = new Map<string, Parameter>();
  /** @internal The state counts batches; null if it does not. */
  protected batches: number | null = null;
  private readonly names = new Map<Parameter, string>();
  private isTraining = true;
  private gone = false;

  /** @internal */
  protected constructor(
    readonly context: Context,
    /** @internal */
    protected readonly description: Named,
  ) {
    checkContext(description.name, context);
    context.checkAlive(description.name);
  }

  /** Returns whether the module is in training, as it is at first. */
  get training(): boolean {
    return this.isTraining;
  }

  get destroyed(): boolean {
    return this.gone;
  }

  /** Switches to training, or with false to evaluation. Returns the module. */
  train(mode = true): this {
    if (typeof mode !== "boolean") {
      fail(`${this.description.name}.train`, `mode ${show(mode)}, expected true or false`);
    }
    this.isTraining = mode;
    return this;
  }

  /**
   * Switches to evaluation, where running statistics are used, if there are any, and not updated.
   * Returns the module.
   */
  eval(): this {
    return this.train(false);
  }

  /** Lists the parameters that the module has: weight and bias, for example. */
  parameters(): Parameter[] {
    return [...this.learned.values()];
  }

  /** Lists the parameters with their names in state dictionaries. */
  namedParameters(): [name: string, parameter: Parameter][] {
    return this.parameters().map((parameter) => [this.names.get(parameter) ?? "", parameter]);
  }

  /** Frees the gradients of all parameters: the next backward begins anew. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /**
   * Reads the state as plain data, as it is at the call, under PyTorch's names: `weight`, `bias`,
   * `running_mean`, `running_var`, `num_batches_tracked`, where the module has them. Waits for the
   * GPU.
   */
  async stateDict(options: StateOptions = {}): Promise<StateDict> {
    const op = `${this.description.name}.stateDict`;
    this.checkAlive(op);
    const { prefix = "" } = checkOptions(op, options, STATE_OPTIONS);
    const { batches } = this;
    const state = await entriesOf(this.tensors);
    if (batches !== null)
      state[COUNT] = { shape: [], data: Float32Array.of(batches), dtype: "f32" };
    return Object.fromEntries(Object.entries(state).map(([name, v]) => [prefix + name, v]));
  }

  /**
   * Loads a state, an object or a Map: values are copied into the module's tensors, in their
   * dtypes. All is checked before anything is written, and names without the prefix are ignored.
   * Throws NormError for missing and unexpected names unless `strict` is false, for values of
   * another shape, where axes of length 1 do not count, and for a negative `running_var`. As in
   * PyTorch a missing `num_batches_tracked` does not count as missing. A backward needs a new
   * forward afterwards.
   */
  loadStateDict(
    state:
      | Readonly<Record<string, StateValue | undefined>>
      | ReadonlyMap<string, StateValue | undefined>,
    options: LoadOptions = {},
  ): LoadResult {
    const op = `${this.description.name}.loadStateDict`;
    this.checkAlive(op);
    checkOptions(op, options, LOAD_OPTIONS);
    const count = this.batches === null ? [] : [COUNT];
    const own = [...this.tensors.keys(), ...count];
    const { found, ...loaded } = matchNames(op, state, own, options);
    const writes = [...this.tensors].flatMap(([name, tensor]) => {
      const given = found.get(name);
      return given ? [writeInto(op, given, tensor)] : [];
    });
    const batches = found.get(COUNT);
    if (batches) this.batches = countFrom(op, batches);
    for (const write of writes) write();
    this.loaded();
    return loaded;
  }

  /** Frees everything that the module owns. It cannot be used afterwards. */
  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    this.zeroGrad();
    for (const tensor of this.tensors.values()) tensor.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** @internal Reacts to a state that was loaded. */
  protected loaded(): void {}

  /** @internal Makes a parameter. */
  protected parameter(spec: ParameterSpec & { readonly dtype: FloatDType }): Parameter {
    const { option, name = option, shape, first, dtype } = spec;
    const isNumber = typeof first === "number";
    const parameter = new Parameter(this.tensor(name, shape, isNumber ? first : 0, dtype));
    if (!isNumber) copy(first, parameter.data);
    this.learned.set(option, parameter);
    this.names.set(parameter, name);
    return parameter;
  }

  /** @internal Makes a tensor of the state. A module that cannot have all of them keeps none. */
  protected tensor(
    name: string,
    shape: readonly number[],
    value: number,
    dtype: FloatDType,
  ): Tensor {
    try {
      const tensor = filledTensor(this.context, shape, value, dtype);
      this.tensors.set(name, tensor);
      return tensor;
    } catch (error) {
      for (const made of this.tensors.values()) made.destroy();
      throw error;
    }
  }

  /** @internal */
  protected checkAlive(op: string): void {
    if (this.gone) fail(op, "the module is destroyed, expected a live one");
    this.context.checkAlive(op);
  }

  /** @internal */
  protected checkTensor(op: string, name: string, tensor: unknown): Tensor {
    this.checkAlive(op);
    const checked = checkTensor(op, name, tensor);
    if (checked.context.device !== this.context.device) {
      fail(op, `${name} is on another device than the module, expected the same`);
    }
    return checked;
  }
}
