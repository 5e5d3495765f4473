// A problem with gates is one without, whose x is what the norm works on, with gates around it.

import { summed } from "../reference/family";
import { activationOf } from "./activations";
import { broadcastStrides, type Values, visit } from "./arrays";
import type { Problem } from "./problem";

type Gated = Pick<Problem, "operation" | "options" | "inputs">;

/** act(gate) for every element of x; 1 without a gate. */
export function gateFactors({ inputs, options }: Gated): Float64Array {
  const { x, gate } = inputs;
  const { gateActivation = "silu" } = options;
  const result = new Float64Array(x.data.length).fill(1);
  if (!gate) return result;
  const of = gateActivation === "none" ? (v: number) => v : activationOf(gateActivation).value;
  visit(x.shape, broadcastStrides(gate.shape, x.shape), (i, k) => {
    result[i] = of(gate.data[k]);
  });
  return result;
}

/** The largest derivative there. */
export function gateSlope({ inputs: { gate }, options }: Gated): number {
  const { gateActivation = "silu" } = options;
  if (!gate || gateActivation === "none") return 1;
  const { slope } = activationOf(gateActivation);
  return Math.max(...Array.from(gate.data, (z) => Math.abs(slope(z))));
}

/** The sum of what a norm works on; of a gradient it is given. */
export function sumOf({ operation, inputs }: Gated): Values {
  const { x, ...others } = inputs;
  const { sum, residual, residualBias, residualGate }: Partial<Record<string, Values>> = others;
  if (operation.kind === "gradient") return sum ?? x;
  return summed(x, { residual, residualBias, residualGate });
}

/** The sizes of the terms of the sum at an element. */
export function sumSize(problem: Gated, i: number): number {
  if (problem.operation.kind === "gradient") return 0; // it is given
  const known = sizes.get(problem.inputs);
  if (known) return known.data[i];
  const positive = Object.entries(problem.inputs).map(([name, { shape, data }]) => {
    return [name, { shape, data: data.map(Math.abs) }];
  });
  const made = sumOf({ ...problem, inputs: Object.fromEntries(positive) });
  sizes.set(problem.inputs, made);
  return made.data[i];
}

const sizes = new WeakMap<object, Values>();

/** The problem without gates: its x is what the norm works on. */
export function ungated<P extends Gated>(problem: P): P {
  const { residual, residualBias, residualGate, gate, skip, skipGate, sum, ...inputs } =
    problem.inputs;
  const { gateActivation, gateFirst, residualOut, ...options } = problem.options;
  const { shape, data } = sumOf(problem);
  const factors = gateFirst ? gateFactors(problem) : undefined;
  const x = { shape, data: Float64Array.from(data, (v, i) => v * (factors?.[i] ?? 1)) };
  return { ...problem, options, inputs: { ...inputs, x } };
}
