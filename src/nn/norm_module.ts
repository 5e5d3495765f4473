// A module has parameters, a mode, a forward that saves its input, and a backward that adds up
// gradients.

import { checkFloat, type FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, EPS, FLAG, type OptionTable } from "../base/options";
import { sameShape } from "../base/shape";
import { specOf } from "../norms/shared/checks";
import type { ActivationOption, Gate, GradientName, Skip } from "../norms/shared/options";
import { type Context, checkContext } from "../runtime/context";
import { type ArraySpec, checkTensor, type Tensor } from "../runtime/tensor";
import { Parameter } from "./parameter";
import { type SavedForward, SavedForwards } from "./saved_forwards";
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

export interface ModuleOptions {
  /** With false, and with a weight, there is no bias. Default true. */
  bias?: boolean | undefined;
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
  /** The activation is applied last. */
  activation?: ActivationOption | undefined;
  /** The dtype is the storage type of weight and bias, and so of their gradients. Default "f32". */
  dtype?: FloatDType | undefined;
}

export const MODULE_OPTIONS: OptionTable<ModuleOptions> = {
  bias: FLAG,
  eps: EPS,
  activation: ANY,
  dtype: ANY,
};

export interface ForwardOptions {
  /** With true nothing is kept for `backward`, which then throws. Default false. */
  noGrad?: boolean | undefined;
  /** The residual is added to x before the norm. Its gradient is dx, or dResidual with a gate. */
  residual?: Tensor | undefined;
  /** This gate of `gateOf` multiplies x before the residual is added. */
  residualGate?: Gate | undefined;
  /** This gate of `gateOf` multiplies y, or with `first` the norm's input. */
  gate?: Gate | undefined;
  /** This skip of `skipOf` is added to y. */
  skip?: Skip | undefined;
}

export const FORWARD_OPTIONS: OptionTable<ForwardOptions> = {
  noGrad: FLAG,
  residual: ANY,
  residualGate: ANY,
  gate: ANY,
  skip: ANY,
};

/** A module runs a norm of the library, or its gradients, with any options. */
type Run = (first: Tensor, options: never) => unknown;

/** A module consists of these two operations, and has a name. */
export interface Operations {
  readonly name: string;
  readonly forward: Run & {
    readonly definition: { readonly define: (x: ArraySpec, options: never) => unknown };
  };
  readonly backward: Run;
}

/** A module spec describes a module. */
export interface ModuleSpec extends Operations {
  /** The forward and the backward both take these options. */
  readonly options: object;
  /** The smallest x that suits the options serves to check them. */
  readonly example: readonly number[];
  /** The shape is that of weight and bias. */
  readonly shape: readonly number[];
  readonly weight: boolean;
  readonly bias: boolean;
  /** The weight begins with this value. Default 1. */
  readonly first?: number | undefined;
  readonly dtype?: FloatDType | undefined;
}

/** A mode has options for a forward and for its backward. */
export interface Mode {
  readonly forward: object;
  readonly backward: object;
}

export interface GradientOptions {
  /** This y says which forward the backward is of. Default: the last one. */
  of?: Tensor | undefined;
}

export const GRADIENT_OPTIONS: OptionTable<GradientOptions> = { of: ANY };

/** The gradients of a forward's inputs: dx, and those of its gates, its skip and a gated residual. */
export type InputGradients = { readonly dx: Tensor } & {
  readonly [K in "dGate" | "dSkip" | "dSkipGate" | "dResidual" | "dResidualGate"]?: Tensor;
};

type AllGradients = InputGradients & Record<"dWeight" | "dBias", Tensor>;

/** Returns the input of a norm and what its backward takes beside it. */
export const inputsOf = ({ x, y, options, sum, ...statistics }: SavedForward) => ({
  ...options,
  ...statistics,
  ...("residualGate" in options && sum ? { x, sum } : { x: sum ?? x }),
});

/**
 * A module is a norm with state, as PyTorch's modules are. It owns its parameters, their gradients,
 * running statistics and the statistics that a forward saves, and `destroy()` frees them all; x, y,
 * dy and dx are the caller's. `forward` and `backward` never wait for the GPU, and both may be
 * called in `ctx.batch`; those of a module over several workers are promises.
 */
export abstract class NormModule<Y extends Tensor | Promise<Tensor> = Tensor> {
  /** The weight multiplies the normalized x; null without one. */
  readonly weight: Parameter | null;
  /** The bias is added; null without one. */
  readonly bias: Parameter | null;

  /** @internal The state dictionary contains these tensors, by PyTorch's names. */
  protected readonly tensors = new Map<string, Tensor>();
  /** @internal The state counts batches; null if it does not. */
  protected batches: number | null = null;
  private isTraining = true;
  private gone = false;
  /** @internal */
  protected readonly saved = new SavedForwards();

  /** @internal */
  protected constructor(
    readonly context: Context,
    /** @internal */
    protected readonly description: ModuleSpec,
  ) {
    const { name, forward, options, example, weight, bias, first = 1 } = description;
    checkContext(name, context);
    context.checkAlive(name);
    const dtype = checkFloat(name, description.dtype ?? "f32");
    forward.definition.define(specOf(example), options as never); // throws now, not at a first forward
    this.weight = weight ? this.parameter("weight", first, dtype) : null;
    this.bias = bias ? this.parameter("bias", 0, dtype) : null;
  }

  /** Returns whether `forward` runs in training, as it does at first. */
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

  /**
   * Returns y, a new tensor of x's shape and dtype. It keeps x, which must live and stay unchanged
   * until `backward`, and in training the statistics: until a backward of this forward, or until y
   * is destroyed or forgotten and another forward has come. Throws NormError for an x that is not
   * a tensor, of another shape than the module is for, or on another device, after `destroy()`, and
   * as the operation of this name does.
   */
  forward(x: Tensor, options: ForwardOptions = {}): Y {
    return this.forwardHere(x, options) as Y;
  }

  /** @internal */
  protected forwardHere(x: Tensor, options: ForwardOptions): Tensor {
    const op = `${this.description.name}.forward`;
    this.checkTensor(op, "x", x);
    const { noGrad = false, ...inputs } = checkOptions(op, options, FORWARD_OPTIONS);
    const { residual, ...others } = inputs;
    this.checkInput(op, x);
    const sums = !noGrad && (residual ?? others.residualGate) !== undefined;
    const stats = this.isTraining && !noGrad && x.size > 0; // an empty batch has no statistics
    const mode = this.mode();
    const kept = { stats, ...(sums && { residualOut: true }) };
    const asked = { ...this.options(), ...mode.forward, ...inputs, ...kept };
    const made = this.description.forward(x, asked as never);
    const { y, ...statistics } = (stats || sums ? made : { y: made }) as { y: Tensor };
    this.ran(x);
    const given = { ...mode.backward, ...others };
    const saved = { x, y: new WeakRef(y), options: given, ...statistics };
    this.saved.keep(noGrad ? "the last forward had noGrad" : saved);
    return y;
  }

  /**
   * Returns dx, a new tensor of a forward's x's shape and dtype, from dy, the gradient at its y. The
   * forward is the last one, or the one that returned `of`: several forwards may come before their
   * backwards, in any order. It adds the gradients of weight and bias to `weight.grad` and
   * `bias.grad`, rounded once. After a forward in training it uses that forward's statistics; after
   * one in evaluation it takes the running ones as constants, or measures x again. Throws NormError
   * unless the forward is kept, for a dy of another shape than its x, where that x is destroyed, for
   * a second backward of one forward, and after `destroy()`.
   */
  backward(dy: Tensor, options: GradientOptions = {}): Y {
    return this.backwardHere(dy, options, true).dx as Y;
  }

  /**
   * Does what `backward` does, and returns the gradients of all inputs of the forward: `{ dx }`, and
   * dGate, dSkip, dSkipGate, dResidual and dResidualGate of what it was given, new tensors. Throws
   * NormError as `backward` does.
   */
  inputGradients(
    dy: Tensor,
    options: GradientOptions = {},
  ): Y extends Tensor ? InputGradients : Promise<InputGradients> {
    return this.backwardHere(dy, options, false) as never; // a subclass with promises has its own
  }

  /** @internal */
  protected backwardHere(dy: Tensor, options: GradientOptions, dxAlone: boolean): InputGradients {
    const op = `${this.description.name}.backward`;
    this.checkTensor(op, "dy", dy);
    const { of } = checkOptions(op, options, GRADIENT_OPTIONS);
    const saved = this.kept(op, dy, of);
    const gradients = dxAlone && { gradients: this.gradientNames() };
    const all = { ...this.options(), ...inputsOf(saved), ...this.collecting(), ...gradients };
    const made = this.description.backward(dy, all as never) as AllGradients;
    const { dWeight, dBias, ...ofInputs } = made;
    this.saved.release("backward has used it", (one) => one === saved);
    if (this.weight) this.weight.grad = dWeight;
    if (this.bias) this.bias.grad = dBias;
    return ofInputs;
  }

  /** @internal Lists the gradients of x and of the parameters. */
  protected gradientNames(): GradientName[] {
    return [
      "dx",
      ...(this.weight ? ["dWeight" as const] : []),
      ...(this.bias ? ["dBias" as const] : []),
    ];
  }

  /** Lists weight and bias, where the module has them. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Lists the parameters with their names. */
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
   * another shape, and for a negative `running_var`. As in PyTorch a missing `num_batches_tracked`
   * does not count as missing. A backward needs a new forward afterwards.
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
    this.saved.release("loadStateDict came after the last forward");
    return loaded;
  }

  /** Frees everything that the module owns. It cannot be used afterwards. */
  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    this.saved.release("");
    for (const parameter of this.parameters()) parameter.destroy();
    for (const tensor of this.tensors.values()) tensor.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /**
   * @internal Returns the options that depend on the mode: none, unless there are running
   * statistics.
   */
  protected mode(): Mode {
    return { forward: {}, backward: {} };
  }

  /** @internal Checks x where the operation does not. */
  protected checkInput(_op: string, _x: Tensor): void {}

  /** @internal Reacts to a forward that has run. */
  protected ran(_x: Tensor): void {}

  /** @internal Makes a tensor of the state. A module that cannot have all of them keeps none. */
  protected tensor(name: string, value: number, dtype: FloatDType): Tensor {
    try {
      const tensor = filledTensor(this.context, this.description.shape, value, dtype);
      this.tensors.set(name, tensor);
      return tensor;
    } catch (error) {
      for (const made of this.tensors.values()) made.destroy();
      throw error;
    }
  }

  private parameter(name: string, value: number, dtype: FloatDType): Parameter {
    return new Parameter(this.tensor(name, value, dtype));
  }

  /** @internal */
  protected options(): { weight?: Tensor | undefined; bias?: Tensor | undefined } {
    return { ...this.description.options, weight: this.weight?.data, bias: this.bias?.data };
  }

  /** @internal Returns the saved forward, if dy suits it. */
  protected kept(op: string, dy: Tensor, of: unknown): SavedForward {
    const saved = this.saved.find(of);
    if (typeof saved === "string") {
      fail(op, `no input is kept: ${saved}, expected a forward before each backward`);
    }
    if (saved.x.destroyed) {
      fail(op, "the forward's x is destroyed, expected it to live until backward");
    }
    if (!sameShape(dy.shape, saved.x.shape)) {
      fail(
        op,
        `dy has shape ${show(dy.shape)}, expected ${show(saved.x.shape)} as the forward's x`,
      );
    }
    return saved;
  }

  /** Returns the gradients that a backward adds to, as options. */
  private collecting(): object {
    const [dWeight, dBias] = [this.weight, this.bias].map((parameter) => {
      const grad = parameter?.grad;
      return grad?.destroyed ? undefined : grad;
    });
    const out = { ...(dWeight && { dWeight }), ...(dBias && { dBias }) };
    return dWeight || dBias ? { out, accumulate: true } : {};
  }

  /** @internal */
  protected checkAlive(op: string): void {
    if (this.gone) fail(op, "the module is destroyed, expected a live one");
    this.context.checkAlive(op);
  }

  /** @internal */
  protected checkTensor(op: string, name: string, tensor: unknown): void {
    this.checkAlive(op);
    if (checkTensor(op, name, tensor).context.device !== this.context.device) {
      fail(op, `${name} is on another device than the module, expected the same`);
    }
  }
}
