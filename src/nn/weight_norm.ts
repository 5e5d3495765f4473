// This module is a weight as the product of a magnitude and a direction, which are its state.

import { checkFloat, type FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, EPS, type OptionTable } from "../base/options";
import { sameShape } from "../base/shape";
import { weightMagnitudes, weightNorm, weightNormBackward } from "../norms/weight_norm";
import type { Context } from "../runtime/context";
import type { Tensor } from "../runtime/tensor";
import { Module } from "./module";
import { collectGradients, type Parameter } from "./parameter";

export interface WeightNormModuleOptions {
  /** Each index along this axis has a magnitude of its own; null: one for all. Default 0. */
  dim?: number | null | undefined;
  /** The norm counts as eps where it is smaller: max(norm, eps). Default 0, as in PyTorch. */
  eps?: number | undefined;
  /** The dtype is the storage type of both parameters. Default: as the weight's. */
  dtype?: FloatDType | undefined;
}

const NAME = "WeightNorm";

const OPTIONS: OptionTable<WeightNormModuleOptions> = { dim: ANY, eps: EPS, dtype: ANY };

/**
 * A WeightNorm is `weightNorm` with its state: the weight w = g v / ||v|| of a layer, the Euclidean
 * norm over all axes but `dim`. Its parameters are g and v: at first v is a copy of the weight, and
 * g its norms, so that w is the weight. `forward` returns w, and `backward` takes the gradient at w.
 *
 * weight: [O, ...], for example that of a convolution; g (`weight_g` in state dictionaries): [O, 1,
 * ...], with `dim` null []; v (`weight_v`): as weight. Throws NormError for a weight that is no
 * tensor, or on another device, and as `weightNorm` does.
 * Source: Salimans & Kingma 2016, as PyTorch `torch.nn.utils.weight_norm`. In dictionaries of
 * `torch.nn.utils.parametrizations.weight_norm` g and v are `original0` and `original1`, which
 * `names` of `loadStateDict` translates.
 */
export class WeightNorm extends Module {
  /** g is the magnitude: [O, 1, ...]. */
  readonly g: Parameter;
  /** v is the direction, with any length: as the weight. */
  readonly v: Parameter;
  private readonly normed: { readonly dim: number | null; readonly eps: number };

  constructor(context: Context, weight: Tensor, options: WeightNormModuleOptions = {}) {
    const { dim = 0, eps = 0, ...o } = checkOptions(NAME, options, OPTIONS);
    super(context, { name: NAME });
    const first = this.checkTensor(NAME, "weight", weight);
    const dtype = checkFloat(NAME, o.dtype ?? first.dtype);
    const norms = weightMagnitudes(first, { dim });
    try {
      this.g = this.parameter({
        ...{ option: "g", name: "weight_g", shape: norms.shape, first: norms, dtype },
      });
      this.v = this.parameter({
        ...{ option: "v", name: "weight_v", shape: first.shape, first, dtype },
      });
    } finally {
      norms.destroy();
    }
    this.normed = { dim, eps };
  }

  /** Returns the weight w, a new tensor of v's shape and dtype. Throws NormError after `destroy()`. */
  forward(): Tensor {
    this.checkAlive(`${NAME}.forward`);
    return weightNorm(this.v.data, { ...this.normed, weight: this.g.data });
  }

  /**
   * Adds the gradients of g and v, as they are now, to `g.grad` and `v.grad`, rounded once, from
   * that of w. Throws NormError for a gradient of another shape than w, and after `destroy()`.
   */
  backward(dWeight: Tensor): void {
    const op = `${NAME}.backward`;
    const { g, v } = this;
    const { shape } = this.checkTensor(op, "dWeight", dWeight);
    if (!sameShape(shape, v.shape)) {
      fail(op, `dWeight has shape ${show(shape)}, expected ${show(v.shape)} as the weight`);
    }
    const given = { ...this.normed, x: v.data, weight: g.data };
    collectGradients({ dx: v, dWeight: g }, (into) =>
      weightNormBackward(dWeight, { ...given, ...into }),
    );
  }
}
