// The layer LayerNormalization of tfjs-layers computes with this library, and trains with its
// gradients.

import { checkAxes } from "../base/shape";
import { layerNorm, layerNormBackward } from "../norms/layer_norm";
import type { Tensor } from "../runtime/tensor";
import { differentiable } from "./differentiable";
import type { Exchange } from "./exchange";
import type { TfLibrary, TfTensor } from "./library";

/** These members of the layer are used. */
interface Layer {
  readonly axis: number | number[];
  readonly epsilon: number;
  readonly gamma?: { read(): TfTensor } | null;
  readonly beta?: { read(): TfTensor } | null;
}

interface AllGradients {
  readonly dx: Tensor;
  readonly dWeight: Tensor;
  readonly dBias: Tensor;
}

type Call = (this: Layer, inputs: TfTensor | TfTensor[], kwargs: unknown) => unknown;

/** `tf.layers`, or the member `layers` of `@tensorflow/tfjs-layers`. */
export interface LayerFactory {
  layerNormalization(config: never): unknown;
}

/** Returns how many of the last axes are normalized, or 0 if they are not the last ones. */
function trailing(axis: number | number[], rank: number): number {
  const reduced = checkAxes("layerNorm", [axis].flat(), rank);
  const kept = reduced.indexOf(true);
  return reduced.slice(kept).every(Boolean) ? rank - kept : 0;
}

/** Replaces the layer's `call`, and returns a function that restores it. */
export function replaceLayerNorm<T extends TfTensor>(
  tf: TfLibrary<T>,
  exchange: Exchange<T>,
  layers: LayerFactory,
): () => void {
  const prototype = Object.getPrototypeOf(layers.layerNormalization({} as never)) as { call: Call };
  const original = prototype.call;
  const call: Call = function (inputs, kwargs) {
    const [x] = [inputs].flat();
    const count = x?.dtype === "float32" ? trailing(this.axis, x.shape.length) : 0;
    if (x === undefined || count === 0) return original.call(this, inputs, kwargs);
    const given = { weight: this.gamma?.read(), bias: this.beta?.read() };
    const names = (["weight", "bias"] as const).filter((name) => given[name]);
    const options = { normalizedShape: x.shape.slice(-count), eps: this.epsilon };
    const named = (tensors: readonly Tensor[]) =>
      Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
    const normalize = differentiable(tf, exchange, {
      forward: ([x, ...rest], out) => {
        layerNorm(x as Tensor, { ...options, ...named(rest), out });
      },
      backward: (dy, [x, ...rest]) => {
        const all = layerNormBackward(dy, { ...options, ...named(rest), x: x as Tensor });
        const { dx, dWeight, dBias } = all as AllGradients;
        return [dx, ...names.map((name) => (name === "weight" ? dWeight : dBias))];
      },
    });
    return normalize(...([x, ...names.map((name) => given[name])] as T[]));
  };
  prototype.call = call;
  return () => {
    if (prototype.call === call) prototype.call = original;
  };
}
