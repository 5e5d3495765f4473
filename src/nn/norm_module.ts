// What all modules are: parameters, a mode, a forward that remembers, a backward that adds up gradients.

import { checkDType, type DType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { Context } from "../context/context";
import { specOf } from "../norms/shared/checks";
import { type ArraySpec, Tensor } from "../runtime/tensor";
import type { ActivationName } from "../wgsl/activations";
import { Parameter } from "./parameter";
import {
  COUNT,
  compareNames,
  countFrom,
  entriesOf,
  filledTensor,
  type LoadOptions,
  type LoadResult,
  type StateDict,
  type StateOptions,
  type StateValue,
  writeInto,
} from "./state_dict";

export interface ModuleOptions {
  /** With false, and with a weight, there is no bias. Default true. */
  bias?: boolean | undefined;
  /** Added to the variance. Default 1e-5. */
  eps?: number | undefined;
  /** Applied last. */
  activation?: ActivationName | undefined;
  /** How weight and bias, and so their gradients, are stored. Default "f32". */
  dtype?: DType | undefined;
}

export interface ForwardOptions {
  /** Keep nothing for `backward`, whose call then throws. Default false. */
  noGrad?: boolean | undefined;
}

/** A norm of the library, or its gradients, whatever its options are. */
type Run = (first: Tensor, options: never) => unknown; // each norm has its own: what is passed is cast

/** What a module is made of, and its own name. */
export interface Operations {
  readonly name: string;
  readonly forward: Run & {
    readonly definition: { readonly define: (x: ArraySpec, options: never) => unknown };
  };
  readonly backward: Run;
}

/** What a module says about itself. */
export interface ModuleSpec extends Operations {
  /** Options of both. */
  readonly options: object;
  /** The smallest x that the options suit, for checking them. */
  readonly example: readonly number[];
  /** The shape of weight and bias. */
  readonly shape: readonly number[];
  readonly weight: boolean;
  readonly bias: boolean;
  /** What the weight begins as. Default 1. */
  readonly first?: number | undefined;
  readonly dtype?: DType | undefined;
}

/** Options that depend on the mode, for a forward and for the backward that goes with it. */
export interface Mode {
  readonly forward: object;
  readonly backward: object;
}

interface SavedForward extends Partial<Record<"mean" | "rstd", Tensor>> {
  readonly x: Tensor;
  readonly options: object;
}

type ParameterGradients = Record<"dx" | "dWeight" | "dBias", Tensor>;

/**
 * A norm with state, as PyTorch's modules are. It owns its parameters, their gradients, running statistics
 * and the statistics that a forward saves, and `destroy()` frees them all; x, y, dy and dx are the
 * caller's. Nothing in `forward` and `backward` waits for the GPU; both may be called in `ctx.batch`.
 */
export abstract class NormModule {
  /** Factor of the normalized x; null without one. */
  readonly weight: Parameter | null;
  /** Summand; null without one. */
  readonly bias: Parameter | null;

  /** @internal Everything in the state dictionary that is a tensor, by PyTorch's names. */
  protected readonly tensors = new Map<string, Tensor>();
  /** @internal The state's count of batches; null where there is none. */
  protected batches: number | null = null;
  private isTraining = true;
  private gone = false;
  private saved: SavedForward | string = "there was no forward";

  /** @internal */
  protected constructor(
    readonly context: Context,
    private readonly description: ModuleSpec,
  ) {
    const { name, forward, options, example, weight, bias, first = 1 } = description;
    if (!(context instanceof Context)) {
      fail(name, `context is ${show(context)}, expected what createContext gives`);
    }
    context.checkAlive(name);
    const dtype = checkDType(name, description.dtype ?? "f32");
    forward.definition.define(specOf(example), options as never); // throws here, not at a first forward
    this.weight = weight ? this.parameter("weight", first, dtype) : null;
    this.bias = bias ? this.parameter("bias", 0, dtype) : null;
  }

  /** Whether `forward` is that of training, as at first. */
  get training(): boolean {
    return this.isTraining;
  }

  get destroyed(): boolean {
    return this.gone;
  }

  /** Training, or with false evaluation. Returns the module. */
  train(mode = true): this {
    this.isTraining = mode;
    return this;
  }

  /** Evaluation: running statistics, where there are any, are used and not updated. Returns the module. */
  eval(): this {
    return this.train(false);
  }

  /**
   * y, a new tensor of x's shape and dtype. Keeps x, which has to live and stay as it is until `backward`,
   * and in training the statistics; what an earlier forward kept is let go. Throws NormError for an x that
   * is no tensor, of another shape than the module is for, or on another device, after `destroy()`, and
   * as the operation of this name does.
   */
  forward(x: Tensor, { noGrad = false }: ForwardOptions = {}): Tensor {
    const op = `${this.description.name}.forward`;
    this.checkTensor(op, "x", x);
    this.checkInput(op, x);
    const stats = this.isTraining && !noGrad;
    const mode = this.mode();
    const options = { ...this.options(), ...mode.forward, stats };
    const made = this.description.forward(x, options as never);
    this.forget("the last forward had noGrad");
    this.ran();
    if (!stats) {
      if (!noGrad) this.saved = { x, options: mode.backward };
      return made as Tensor;
    }
    const { y, ...statistics } = made as { y: Tensor };
    this.saved = { x, options: mode.backward, ...statistics };
    return y;
  }

  /**
   * dx, a new tensor of the last forward's x's shape and dtype, from dy, the gradient at its y. The gradients
   * of weight and bias are added to those in `weight.grad` and `bias.grad`. A forward in training brings its
   * statistics, one in evaluation takes the running ones as constants, or measures x again. Throws NormError
   * unless a forward that kept its x came before, for a dy of another shape than that x, where that x is
   * destroyed, and after `destroy()`.
   */
  backward(dy: Tensor): Tensor {
    const op = `${this.description.name}.backward`;
    this.checkTensor(op, "dy", dy);
    const { x, options, ...statistics } = this.kept(op, dy);
    const all = { ...this.options(), ...options, ...statistics, x };
    const { dx, dWeight, dBias } = this.description.backward(
      dy,
      all as never,
    ) as ParameterGradients;
    this.forget("backward has used it");
    this.weight?.collect(dWeight);
    this.bias?.collect(dBias);
    return dx;
  }

  /** Weight and bias, of those there are. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** The same with their names. */
  namedParameters(): [name: string, parameter: Parameter][] {
    const named = [["weight", this.weight] as const, ["bias", this.bias] as const];
    return named.flatMap(([name, parameter]): [string, Parameter][] =>
      parameter ? [[name, parameter]] : [],
    );
  }

  /** Frees the gradients of all parameters: the next backward begins anew. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /**
   * The state as plain data, as it is at the call, under PyTorch's names: `weight`, `bias`, `running_mean`,
   * `running_var`, `num_batches_tracked`, of those there are. Waits for the GPU.
   */
  async stateDict({ prefix = "" }: StateOptions = {}): Promise<StateDict> {
    this.checkAlive(`${this.description.name}.stateDict`);
    const { batches } = this;
    const state = await entriesOf(this.tensors);
    if (batches !== null)
      state[COUNT] = { shape: [], data: Float32Array.of(batches), dtype: "f32" };
    return Object.fromEntries(Object.entries(state).map(([name, v]) => [prefix + name, v]));
  }

  /**
   * Takes a state over: values are copied into the tensors that the module has, in their dtypes. All is
   * checked before anything is written; names without the prefix are none of the module's business. Throws
   * NormError for missing and unexpected names unless `strict` is false, and for values of another shape.
   * As in PyTorch a missing `num_batches_tracked` is none. A backward needs a new forward afterwards.
   */
  loadStateDict(
    state: Readonly<Record<string, StateValue | undefined>>,
    options: LoadOptions = {},
  ): LoadResult {
    const op = `${this.description.name}.loadStateDict`;
    this.checkAlive(op);
    const count = this.batches === null ? [] : [COUNT];
    const loaded = compareNames(op, state, [...this.tensors.keys(), ...count], options);
    const { prefix = "" } = options;
    const writes = [...this.tensors].flatMap(([name, tensor]) => {
      const key = prefix + name;
      return key in state ? [writeInto(op, key, state[key], tensor)] : [];
    });
    const key = prefix + COUNT;
    if (this.batches !== null && key in state) this.batches = countFrom(op, key, state[key]);
    for (const write of writes) write();
    this.forget("loadStateDict came after the last forward");
    return loaded;
  }

  /** Frees all that the module owns. It cannot be used afterwards. */
  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    this.forget("");
    for (const parameter of this.parameters()) parameter.destroy();
    for (const tensor of this.tensors.values()) tensor.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** @internal What depends on the mode: nothing, unless there are running statistics. */
  protected mode(): Mode {
    return { forward: {}, backward: {} };
  }

  /** @internal What the operation does not check of x. */
  protected checkInput(_op: string, _x: Tensor): void {}

  /** @internal A forward has run. */
  protected ran(): void {}

  /** @internal A tensor of the state. */
  protected tensor(name: string, value: number, dtype: DType): Tensor {
    const tensor = filledTensor(this.context, this.description.shape, value, dtype);
    this.tensors.set(name, tensor);
    return tensor;
  }

  private parameter(name: string, value: number, dtype: DType): Parameter {
    return new Parameter(this.tensor(name, value, dtype));
  }

  private options(): object {
    return { ...this.description.options, weight: this.weight?.data, bias: this.bias?.data };
  }

  /** What the last forward kept, if dy suits it. */
  private kept(op: string, dy: Tensor): SavedForward {
    const { saved } = this;
    if (typeof saved === "string") {
      fail(op, `no input is kept: ${saved}, expected a forward before each backward`);
    }
    if (saved.x.destroyed) {
      fail(op, "the forward's x is destroyed, expected it to live until backward");
    }
    if (String(dy.shape) !== String(saved.x.shape)) {
      fail(
        op,
        `dy has shape ${show(dy.shape)}, expected ${show(saved.x.shape)} as the forward's x`,
      );
    }
    return saved;
  }

  /** Lets go of what the last forward kept. */
  private forget(reason: string): void {
    const { saved } = this;
    this.saved = reason;
    if (typeof saved === "string") return;
    saved.mean?.destroy();
    saved.rstd?.destroy();
  }

  private checkAlive(op: string): void {
    if (this.gone) fail(op, "the module is destroyed, expected a live one");
    this.context.checkAlive(op);
  }

  private checkTensor(op: string, name: string, tensor: unknown): void {
    this.checkAlive(op);
    if (!(tensor instanceof Tensor)) fail(op, `${name} is ${show(tensor)}, expected a tensor`);
    if (tensor.context.device !== this.context.device) {
      fail(op, `${name} is on another device than the module, expected the same`);
    }
  }
}
