// A connection turns tensors of TensorFlow.js into those of this library and back, on the same device,
// and installs kernels of this library there.

import { fail, show } from "../base/errors";
import { createContext } from "../context/create_context";
import type { Context } from "../runtime/context";
import { checkDevice, checkLive, type Tensor } from "../runtime/tensor";
import { type Differentiable, differentiable } from "./differentiable";
import { copies, type Exchange, filledWith, isKnown, ownBuffers } from "./exchange";
import { type InstallOptions, install } from "./install";
import type { TfLibrary, TfOptions, TfTensor } from "./library";

/**
 * Makes a context on the device of TensorFlow.js's WebGPU backend, which has to be set and ready.
 * Rejects with a NormError for another backend, and as `createContext` does.
 */
export async function connectTf<T extends TfTensor>(
  tf: TfLibrary<T>,
  options: TfOptions = {},
): Promise<TfConnection<T>> {
  const op = "connect";
  if (typeof Object(tf).getBackend !== "function") {
    fail(op, `tf ${show(tf)}, expected TensorFlow.js: import * as tf`);
  }
  if (tf.getBackend() !== "webgpu") {
    const remedy = 'await tf.setBackend("webgpu") before';
    fail(op, `the backend is ${show(tf.getBackend())}, expected "webgpu": ${remedy}`);
  }
  const { device } = tf.backend() as { device?: GPUDevice };
  if (typeof Object(device).createBuffer !== "function") {
    fail(op, `tf.backend().device is ${show(device)}, expected a GPUDevice`);
  }
  return new TfConnection(tf, await createContext({ ...options, device }));
}

/** A connection has a context on TensorFlow.js's device. `connect` makes it. */
export class TfConnection<T extends TfTensor = TfTensor> {
  readonly #tf: TfLibrary<T>;
  readonly #exchange: Exchange<T>;
  readonly #undo = new Set<() => void>();

  /** @internal */
  constructor(
    tf: TfLibrary<T>,
    /** The context shares its device with TensorFlow.js. */
    readonly context: Context,
  ) {
    this.#tf = tf;
    this.#exchange = (this.copies ? copies : ownBuffers)(tf, context);
  }

  /**
   * Says whether arrays are copied on their way, as they are with a TensorFlow.js that is not built as
   * version 4.22.
   */
  get copies(): boolean {
    return !isKnown(this.#tf);
  }

  /**
   * Returns a tensor over the buffer of a float32 tensor of TensorFlow.js, which uploads it first if it
   * is on the CPU. It is valid as long as that one; destroy it when it is done, since it has memory of
   * its own where `copies` is true. Throws a NormError for other dtypes and for a disposed tensor.
   */
  from(tensor: T): Tensor {
    return this.#exchange.from(tensor);
  }

  /**
   * Returns a tensor of TensorFlow.js with a copy of the elements, as float32. Throws a NormError for
   * a destroyed tensor and for one on another device.
   */
  to(given: Tensor): T {
    const tensor = checkLive("to", "tensor", given);
    checkDevice("to", tensor, this.context);
    return this.#exchange.makeTensor(tensor.shape, filledWith(tensor));
  }

  /**
   * Returns a tensor of TensorFlow.js that `fill` writes, without a copy:
   * `make(x.shape, (out) => layerNorm(from(x), { ..., out }))`.
   */
  make(shape: readonly number[], fill: (out: Tensor) => void): T {
    return this.#exchange.makeTensor(shape, fill);
  }

  /**
   * Makes a function of TensorFlow.js's tensors, with a gradient for `tf.grad` and training, of a
   * forward and a backward of this library.
   */
  differentiable(functions: Differentiable): (...inputs: T[]) => T {
    return differentiable(this.#tf, this.#exchange, functions);
  }

  /**
   * Lets existing models compute with this library: replaces TensorFlow.js's kernels, and with
   * `layers: tf.layers` the layer LayerNormalization. Calls that the replacements do not take go to
   * what was there. Returns the function that restores it all; `destroy` does that, too. Throws a
   * NormError where `copies` is true, for kernels get no tensors that can be copied.
   */
  install(options: InstallOptions = {}): () => void {
    this.context.checkAlive("install");
    if (this.copies) {
      const { version_core } = this.#tf;
      fail("install", `TensorFlow.js ${show(version_core)}, expected 4.22 with its own backend`);
    }
    const restore = install(this.#tf, this.#exchange, options);
    const uninstall = () => {
      restore();
      this.#undo.delete(uninstall);
    };
    this.#undo.add(uninstall);
    return uninstall;
  }

  /** Restores what was installed and frees what the context allocated. The device stays. */
  destroy(): void {
    for (const uninstall of this.#undo) uninstall();
    this.context.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
