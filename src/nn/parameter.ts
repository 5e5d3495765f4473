// A learned tensor beside its gradient.

import type { DType } from "../base/dtype";
import type { Tensor } from "../runtime/tensor";
import { accumulate } from "./accumulate";

/** What a module learns. The module owns `data` and `grad`; write to `data` as you like, it stays the same tensor. */
export class Parameter {
  /** The sum of the gradients since `zeroGrad()`, in the parameter's shape and dtype; null: none yet. */
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

  /** @internal Takes a gradient over: the first is kept as it is, further ones are added on the GPU. */
  collect(gradient: Tensor): void {
    if (this.grad === null || this.grad.destroyed) {
      this.grad = gradient;
      return;
    }
    accumulate(this.grad, gradient);
    gradient.destroy();
  }

  /** @internal */
  destroy(): void {
    this.zeroGrad();
    this.data.destroy();
  }
}
