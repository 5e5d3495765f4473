// A gate multiplies, and a skip is added. Their files come with these functions, so that a page
// without gates does not have them.

import { fail, show } from "../base/errors";
import { ANY, checkOptions, FLAG, type OptionTable } from "../base/options";
import { planGatedBackward } from "../plan/gate_gradients";
import { GATED_WAYS, gateRules } from "../plan/gating";
import { withDerivative } from "../wgsl/activation_gradients";
import { type Activation, NO_ACTIVATION } from "../wgsl/activations";
import { parameterSumsElements } from "../wgsl/files";
import { checkActivation, specOf } from "./shared/checks";
import type {
  ActivationOption,
  Gate,
  GateArguments,
  GatedSkip,
  MaskedNorm,
  PlacedGates,
  Skip,
  TensorArgument,
} from "./shared/options";
import { broadcastTo } from "./shared/parameters";
import { fullShape } from "./shared/placement";

export interface GateOptions {
  /**
   * The gate multiplies by this activation of its values: one of a norm's, with its numbers, but for
   * prelu, or "none". Default "silu", and for `residualGate` "none".
   */
  activation?: Exclude<ActivationOption, { readonly name: "prelu" }> | "none" | undefined;
  /** With true the gate multiplies the norm's input, norm(x act(z)). Default false. */
  first?: boolean | undefined;
}

export interface SkipOptions {
  /** The gate multiplies y before the skip is added; it broadcasts to x. */
  gate?: TensorArgument | undefined;
}

const GATE_OPTIONS: OptionTable<GateOptions> = { activation: ANY, first: FLAG };
const SKIP_OPTIONS: OptionTable<SkipOptions> = { gate: ANY };

function activationOf(given: unknown): Activation {
  if (given === "none") return NO_ACTIVATION;
  const { name = given } = Object(given);
  if (name === "prelu") fail("gateOf", 'activation "prelu", expected another, or "none"');
  return withDerivative(checkActivation("gateOf", given));
}

/** Each gradient is one of elements, or their sum where the operand repeats. */
const GRADIENTS = (["gate", "skip", "skipGate", "residualGate", "residual"] as const).map(
  (name) => ({ summands: parameterSumsElements, names: [name, null] as const, role: name }),
);

const SILU = /* @__PURE__ */ checkActivation("gateOf", "silu");

/** Places what the options have of gates and skips. */
function placeGates(n: MaskedNorm, { gate, skip, residualGate }: GateArguments): PlacedGates {
  const { op, x } = n;
  if (residualGate?.activation && residualGate.activation !== NO_ACTIVATION) {
    fail(op, `residualGate has activation ${show(residualGate.activation.name)}, expected none`);
  }
  if (residualGate?.first) fail(op, "residualGate has first true, expected none");
  const activation = gate ? (gate.activation ?? withDerivative(SILU)) : NO_ACTIVATION;
  const operands = {
    gate: broadcastTo(op, "gate", gate?.values, x),
    skip: broadcastTo(op, "skip", skip?.values, x),
    skipGate: broadcastTo(op, "skipGate", skip?.gate, x),
    residualGate: broadcastTo(op, "residualGate", residualGate?.values, x),
  };
  const first = gate?.first ?? false;
  return {
    operands,
    // the gradient of a residual is not dx where x has a gate
    differentiable: {
      ...operands,
      residual: residualGate && fullShape(specOf(x.shape, x.dtype)),
    },
    gradients: GRADIENTS,
    readsResult: (wanted) => (wanted("dGate") && !first) || wanted("dSkipGate"),
    rules: gateRules(activation, first),
    ways: GATED_WAYS,
    planBackward: planGatedBackward,
  };
}

/**
 * Makes a gate of z, a tensor that broadcasts to x. As the option `gate` of a norm it multiplies the
 * norm's result, after weight, bias, modulation and activation: y = norm(x) act(z); with `first` it
 * multiplies the norm's input. As `residualGate` it multiplies x before a residual is added: the norm
 * works on residual + z (x + residualBias).
 *
 * The gradients are dGate = dy norm(x) act'(z) and dResidualGate = dsum (x + residualBias), summed
 * where z repeats. Masked elements have none of a gate. Throws NormError for an unknown activation;
 * the norm throws for a z that does not broadcast to x.
 * Source: Dao & Gu 2024, "Transformers are SSMs" (Mamba-2: `first`); Yang et al. 2024, "Gated Delta
 * Networks"; Touvron et al. 2021, "Going deeper with Image Transformers" (`residualGate`).
 */
export function gateOf(values: TensorArgument, options: GateOptions = {}): Gate {
  const { activation, first = false } = checkOptions("gateOf", options, GATE_OPTIONS);
  const own = activation === undefined ? undefined : activationOf(activation);
  return { values: given("gateOf", values), first, activation: own, place: placeGates };
}

/**
 * Makes a skip of h, a tensor that broadcasts to x: as the option `skip` of a norm it is added to the
 * norm's result, h + gate y. Gradients: dSkip = dy and dSkipGate = dy y, summed where they repeat.
 *
 * The norm throws NormError for a tensor that does not broadcast to x.
 * Source: the post norms of Gemma 2 and OLMo 2; with a gate, Peebles & Xie 2023 (DiT).
 */
export function skipOf<O extends SkipOptions>(
  values: TensorArgument,
  options: O = {} as O,
): O extends { readonly gate: TensorArgument } ? GatedSkip : Skip {
  const { gate } = checkOptions<SkipOptions>("skipOf", options, SKIP_OPTIONS);
  // whether it has a gate, and so a gradient of that, follows from the options
  return { values: given("skipOf", values), gate, place: placeGates } as never;
}

/** A missing array would be an option that is not there. */
const given = (op: string, values: TensorArgument): TensorArgument =>
  values ?? fail(op, `the first argument is ${show(values)}, expected a tensor`);
