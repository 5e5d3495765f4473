// A module has parameters, a mode, a forward that saves its input, and a backward that adds up
// gradients.

import { checkFloat, type FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, EPS, FLAG, type OptionTable } from "../base/options";
import { sameShape } from "../base/shape";
import { specOf } from "../norms/shared/checks";
import { gradientName } from "../norms/shared/norm_backward";
import {
  type ActivationOption,
  type Gate,
  type GradientName,
  MASK,
  type Mask,
  type Skip,
} from "../norms/shared/options";
import type { Context } from "../runtime/context";
import type { Tensor } from "../runtime/tensor";
import { Module, type ParameterSpec } from "./module";
import { collectGradients, type Parameter } from "./parameter";
import { type SavedForward, SavedForwards } from "./saved_forwards";

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
  /**
   * The mask, of `maskOf` or `lengthsOf`, says which elements of x count, and how much; running
   * statistics are of these. The backward takes it as well: it must live until then.
   */
  mask?: Mask | undefined;
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
  mask: MASK,
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
    readonly definition?: { readonly define: (x: never, options: never) => unknown };
  };
  readonly backward: Run;
}

/** A module spec describes a module. */
export interface ModuleSpec extends Operations {
  /** The forward and the backward both take these options. */
  readonly options: object;
  /** The smallest x that suits the options serves to check them. */
  readonly example: readonly number[];
  readonly parameters: readonly ParameterSpec[];
  /** The dtype is that of the parameters. Default "f32". */
  readonly dtype?: FloatDType | undefined;
  /** The forward returns no statistics that the backward takes. */
  readonly withoutStatistics?: boolean;
}

/** Describes weight and bias, where a module has them. The weight begins with `first`. */
export const affineParameters = (
  shape: readonly number[],
  weight: boolean,
  bias: boolean,
  first = 1,
): ParameterSpec[] => [
  ...(weight ? [{ option: "weight", shape, first }] : []),
  ...(weight && bias ? [{ option: "bias", shape, first: 0 }] : []),
];

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

const SLOPE = "slope"; // the option of the slopes of an activation

/** The gradients of a forward's inputs: dx, and those of its gates, its skip and a gated residual. */
export type InputGradients = { readonly dx: Tensor } & {
  readonly [K in "dGate" | "dSkip" | "dSkipGate" | "dResidual" | "dResidualGate"]?: Tensor;
};

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
export abstract class NormModule<Y extends Tensor | Promise<Tensor> = Tensor> extends Module {
  /** The weight multiplies the normalized x; null without one. */
  readonly weight: Parameter | null;
  /** The bias is added; null without one. */
  readonly bias: Parameter | null;
  /** The slopes of prelu begin as a copy of the activation's `alpha`; null without them. */
  readonly slope: Parameter | null;

  /** @internal */
  declare protected readonly description: ModuleSpec;
  /** @internal */
  protected readonly saved = new SavedForwards();

  /** @internal */
  protected constructor(context: Context, description: ModuleSpec) {
    super(context, description);
    const { name, forward, options, example, parameters } = description;
    const dtype = checkFloat(name, description.dtype ?? "f32");
    const given = Object.fromEntries(parameters.map(({ option }) => [option, true]));
    // throws now, not at a first forward
    forward.definition?.define(specOf(example) as never, { ...options, ...given } as never);
    for (const spec of [...parameters, ...this.slopesOf(options)]) {
      this.parameter({ dtype, ...spec });
    }
    this.weight = this.learned.get("weight") ?? null;
    this.bias = this.learned.get("bias") ?? null;
    this.slope = this.learned.get(SLOPE) ?? null;
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
    const { withoutStatistics } = this.description;
    // an empty batch has no statistics, and a backward with a mask measures them again
    const stats =
      !withoutStatistics && this.training && !noGrad && x.size > 0 && others.mask === undefined;
    const sums = !noGrad && (residual ?? others.residualGate) !== undefined;
    const mode = this.mode();
    const kept = { ...(stats && { stats }), ...(sums && { residualOut: true }) };
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
   * backwards, in any order. It adds the gradients of the parameters to theirs, `weight.grad` for
   * example, rounded once. After a forward in training it uses that forward's statistics; after
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
    const named = this.gradients();
    const wanted = dxAlone && { gradients: ["dx", ...Object.keys(named)] };
    const all = { ...this.options(), ...inputsOf(saved), ...wanted };
    const made = collectGradients(named, (into) => {
      const run = this.description.backward(dy, { ...all, ...into } as never);
      return run as Readonly<Record<GradientName, Tensor>>;
    });
    this.saved.release("backward has used it", (one) => one === saved);
    const ofInputs = Object.entries(made).filter(([name]) => !(name in named));
    return Object.fromEntries(ofInputs) as InputGradients;
  }

  /** @internal Returns the parameters by the names of their gradients. */
  protected gradients(): Readonly<Record<string, Parameter>> {
    return Object.fromEntries(
      [...this.learned].map(([option, one]) => [gradientName(option), one]),
    );
  }

  override destroy(): void {
    this.saved.release("");
    super.destroy();
  }

  /** @internal */
  protected override loaded(): void {
    this.saved.release("loadStateDict came after the last forward");
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

  /** @internal */
  protected options(): { weight?: Tensor | undefined; bias?: Tensor | undefined } {
    const all = [...this.learned].map(([option, { data }]) => [option, data]);
    const { [SLOPE]: alpha, ...own } = Object.fromEntries(all);
    const activation = alpha && { activation: { name: "prelu", alpha } };
    return { ...this.description.options, ...own, ...activation };
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

  /** Describes the slopes of prelu, where the activation has them. */
  private slopesOf({ activation }: { activation?: unknown }): ParameterSpec[] {
    const { name, alpha } = Object(activation);
    if (name !== "prelu") return [];
    const first = this.checkTensor(this.description.name, "activation.alpha", alpha);
    return [{ option: SLOPE, shape: first.shape, first, dtype: first.dtype as FloatDType }];
  }
}
