// A parameter is a learned tensor with its gradient.

import type { DType } from "../base/dtype";
import type { Tensor } from "../runtime/tensor";

/**
 * A parameter is learned. The module owns `data` and `grad`. Callers may write to `data`, which
 * always stays one tensor.
 */
export class Parameter {
  /**
   * The gradient is the sum since `zeroGrad()`, in the parameter's shape and dtype; null: none yet.
   */
  grad: Tensor | null = null;

  constructor(readonly data: Tensor) {}

  get shape(): readonly number[] {
    return this.data.shape;
  }

  get dtype(): DType {
    return this.data.dtype;
  }

  /** Frees the gradient. */
  zeroGrad(): void {
    this.grad?.destroy();
    this.grad = null;
  }
}

/**
 * Runs a backward that adds to gradients, which go by their names in its options and results, and
 * keeps those that are new.
 */
export function collectGradients<G extends object>(
  parameters: Readonly<Record<string, Parameter>>,
  run: (into: object) => G,
): G {
  const there = Object.entries(parameters).flatMap(([name, { grad }]) =>
    grad && !grad.destroyed ? [[name, grad]] : [],
  );
  const into = there.length > 0 ? { out: Object.fromEntries(there), accumulate: true } : {};
  const made = run(into);
  for (const [name, parameter] of Object.entries(parameters)) {
    parameter.grad = (made as Record<string, Tensor>)[name] as Tensor;
  }
  return made;
}
