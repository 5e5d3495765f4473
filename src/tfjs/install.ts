// An installation replaces kernels and layers of TensorFlow.js, so that an existing model computes
// with this library.

import { fail, show } from "../base/errors";
import type { Exchange } from "./exchange";
import { KERNELS } from "./kernels";
import { type LayerFactory, replaceLayerNorm } from "./layer_norm_layer";
import type { TfKernel, TfKernelCall, TfLibrary, TfTensor } from "./library";

export interface InstallOptions {
  /** These kernels are replaced. Default: FusedBatchNorm and Mean. */
  kernels?: readonly string[] | undefined;
  /** tfjs-layers: its layer LayerNormalization is replaced. Default: it is left alone. */
  layers?: LayerFactory | undefined;
}

const BACKEND = "webgpu";

export function install<T extends TfTensor>(
  tf: TfLibrary<T>,
  exchange: Exchange<T>,
  { kernels = Object.keys(KERNELS), layers }: InstallOptions,
): () => void {
  for (const name of kernels) {
    if (KERNELS[name] === undefined) {
      fail("install", `kernels has ${show(name)}, expected some of ${show(Object.keys(KERNELS))}`);
    }
  }
  if (layers && typeof layers.layerNormalization !== "function") {
    fail("install", `layers ${show(layers)}, expected tf.layers`);
  }
  const undo = kernels.map((name) => replaceKernel(tf, exchange, name));
  if (layers) undo.push(replaceLayerNorm(tf, exchange, layers));
  return () => {
    for (const restore of undo.splice(0)) restore();
  };
}

/** Replaces a kernel, and returns a function that restores it unless another took its place since. */
function replaceKernel<T extends TfTensor>(
  tf: TfLibrary<T>,
  exchange: Exchange<T>,
  name: string,
): () => void {
  const original = tf.getKernel(name, BACKEND) as TfKernel | undefined;
  if (!original) fail("install", `the backend has no kernel ${name}, expected TensorFlow.js 4.22`);
  const kernelFunc = (call: TfKernelCall) =>
    KERNELS[name]?.(exchange, call) ?? original.kernelFunc(call as never);
  const replace = (kernel: TfKernel) => {
    tf.unregisterKernel(name, BACKEND);
    tf.registerKernel(kernel as never);
  };
  replace({ ...original, kernelFunc });
  return () => {
    const present = tf.getKernel(name, BACKEND) as TfKernel | undefined;
    if (present?.kernelFunc === kernelFunc) replace(original);
  };
}
