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

  /** @internal */
  destroy(): void {
    this.zeroGrad();
    this.data.destroy();
  }
}
