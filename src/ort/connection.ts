// A connection turns tensors of onnxruntime-web into those of this library and back, over the same
// buffers of the same device.

import type { DType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { isContiguous } from "../base/shape";
import { createContext } from "../context/create_context";
import { copy } from "../norms/shared/elementwise";
import type { Context } from "../runtime/context";
import { checkDevice, checkLive, type Tensor } from "../runtime/tensor";
import { type CutGraph, type CutNames, cutGraph, type OrtSession } from "./cut_graph";
import { type OrtLibrary, type OrtOptions, type OrtTensor, TYPES } from "./library";

/**
 * Makes a context on the device of onnxruntime-web, which has one as soon as a session with its WebGPU
 * execution provider exists. Rejects with a NormError if there is none, and as `createContext` does.
 */
export async function connectOrt<T extends OrtTensor>(
  ort: OrtLibrary<T>,
  options: OrtOptions = {},
): Promise<OrtConnection<T>> {
  const op = "connect";
  if (typeof Object(ort?.Tensor).fromGpuBuffer !== "function") {
    fail(op, `ort ${show(ort)}, expected onnxruntime-web 1.17 or later, or its env and Tensor`);
  }
  const device = await ort.env?.webgpu?.device;
  if (!isDevice(device)) {
    const remedy = 'a session made with executionProviders: ["webgpu"] before';
    fail(op, `ort.env.webgpu.device is ${show(device)}, expected a GPUDevice: ${remedy}`);
  }
  return new OrtConnection(await createContext({ ...options, device }), ort);
}

const isDevice = (given: unknown): given is GPUDevice =>
  typeof Object(given).createBuffer === "function";

/** A connection has a context on the device of onnxruntime-web. `connect` makes it. */
export class OrtConnection<T extends OrtTensor = OrtTensor> {
  readonly #ort: OrtLibrary<T>;

  /** @internal */
  constructor(
    /** The context shares its device with onnxruntime-web. */
    readonly context: Context,
    ort: OrtLibrary<T>,
  ) {
    this.#ort = ort;
  }

  /** Its device goes with its last session, and a later session has another. */
  #checkSameDevice(op: string): void {
    const { device } = this.#ort.env.webgpu;
    if (!isDevice(device) || device === this.context.device) return;
    const remedy = "connect again, and keep a session as long as the connection";
    fail(op, `onnxruntime-web has another device than at connect, expected the same: ${remedy}`);
  }

  /**
   * Returns a tensor over the buffer of an ONNX Runtime tensor, without a copy. It is valid as long as
   * that one, which is freed by its own `dispose`, and `destroy` leaves that alone. Throws a NormError
   * for a tensor that is not on the GPU (a session's option `preferredOutputLocation: "gpu-buffer"`
   * keeps its outputs there; `getData()` moves them away), that is disposed, or whose type is neither
   * float32 nor float16; and if onnxruntime-web has made another device since, as it does after its
   * last session was released.
   */
  from(tensor: OrtTensor): Tensor {
    const op = "from";
    const { location, type, dims } = Object(tensor) as OrtTensor;
    if (location !== "gpu-buffer") {
      const remedy =
        'preferredOutputLocation: "gpu-buffer" of the session, and no getData() before';
      const given = location === "none" ? "disposed" : `at ${show(location)}`;
      fail(op, `the tensor is ${given}, expected it at "gpu-buffer": ${remedy}`);
    }
    const dtype: DType | undefined = TYPES[type as keyof typeof TYPES];
    if (dtype === undefined) fail(op, `type ${show(type)}, expected float32 or float16`);
    this.#checkSameDevice(op);
    return this.context.fromBuffer(tensor.gpuBuffer as GPUBuffer, { shape: dims, dtype });
  }

  /**
   * Returns an ONNX Runtime tensor over a tensor's buffer. The tensor belongs to it from then on:
   * `dispose` destroys it. A view, a tensor over a caller's buffer and one with other strides are
   * copied on the GPU instead, and stay yours. Throws a NormError for bf16, which onnxruntime-web has
   * not, for a destroyed tensor and for one on another device.
   */
  to(given: Tensor): T {
    const op = "to";
    const tensor = checkLive(op, "tensor", given);
    const { shape, dtype } = tensor;
    checkDevice(op, tensor, this.context);
    this.#checkSameDevice(op);
    if (dtype !== "f32" && dtype !== "f16") fail(op, `dtype ${dtype}, expected f32 or f16`);
    const whole = tensor.offset === 0 && isContiguous(shape, tensor.strides);
    const own = whole && tensor.ownsBuffer ? tensor : this.context.empty(shape, { dtype });
    if (own !== tensor) copy(tensor, own);
    const options = {
      dataType: dtype === "f32" ? "float32" : "float16",
      dims: [...shape],
      download: () => (dtype === "f32" ? own.read() : own.readBits()),
      dispose: () => own.destroy(),
    };
    return this.#ort.Tensor.fromGpuBuffer(own.buffer as never, options as never);
  }

  /**
   * Joins two sessions, the halves of a graph that was cut around an operator, by a function that
   * takes this operator's place: for an operator that onnxruntime-web lacks or computes inexactly.
   * `output` names what the function gets of the first session and `input` what it gives the second
   * one; each defaults to the only name that the other half does not know. Other outputs of the first
   * session and other feeds go to the second one by their names. Both sessions need
   * `preferredOutputLocation: "gpu-buffer"`.
   */
  between(
    first: OrtSession<T>,
    compute: (tensor: Tensor) => Tensor,
    second: OrtSession<T>,
    names: CutNames = {},
  ): CutGraph<T> {
    return cutGraph(this, first, compute, second, names);
  }

  /** Frees everything that the context allocated. The device is onnxruntime-web's and stays. */
  destroy(): void {
    this.context.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
