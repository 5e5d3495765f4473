// A differentiable function of TensorFlow.js has a forward and a backward of this library.

import type { Tensor } from "../runtime/tensor";
import { type Exchange, filledWith } from "./exchange";
import type { TfLibrary, TfTensor } from "./library";

/** A forward with its gradient, in this library's operations. */
export interface Differentiable {
  /** Writes the result of these inputs to `out`: `layerNorm(x, { ..., out })`. */
  readonly forward: (inputs: readonly Tensor[], out: Tensor) => void;
  /** Returns the gradients of all inputs, in their order, new tensors. */
  readonly backward: (dy: Tensor, inputs: readonly Tensor[]) => readonly Tensor[];
  /** Returns the shape of the result; that of the first input by default. */
  readonly shape?: (shapes: readonly (readonly number[])[]) => readonly number[];
}

type Save = (tensors: TfTensor[]) => void;

export function differentiable<T extends TfTensor>(
  tf: TfLibrary<T>,
  exchange: Exchange<T>,
  { forward, backward, shape = ([first]) => first ?? [] }: Differentiable,
): (...inputs: T[]) => T {
  /** Frees what was copied for a call, after it. */
  const withTensors = <R>(given: readonly TfTensor[], work: (tensors: Tensor[]) => R): R => {
    const tensors: Tensor[] = [];
    try {
      for (const tensor of given) tensors.push(exchange.from(tensor));
      return work(tensors);
    } finally {
      for (const tensor of tensors) tensor.destroy();
    }
  };
  const toTf = (gradient: Tensor) => {
    try {
      return exchange.makeTensor(gradient.shape, filledWith(gradient));
    } finally {
      gradient.destroy();
    }
  };
  const gradFunc = (dy: T, saved: T[]) =>
    withTensors([dy, ...saved], ([first, ...inputs]) =>
      backward(first as Tensor, inputs).map(toTf),
    );
  const custom = tf.customGrad(((...args: [...T[], Save]) => {
    const inputs = args.slice(0, -1) as T[];
    (args.at(-1) as Save)(inputs);
    const value = withTensors(inputs, (tensors) =>
      exchange.makeTensor(shape(inputs.map((t) => t.shape)), (out) => forward(tensors, out)),
    );
    return { value, gradFunc };
  }) as never);
  return custom as (...inputs: T[]) => T;
}
