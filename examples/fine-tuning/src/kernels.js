// Kernels of what is not a norm, convolutions and Adam, work on the library's tensors.

import adam from "./adam.wgsl?raw";
import convolution from "./convolution.wgsl?raw";

/** @typedef {import("webgpu-norm").Tensor} Tensor */
/** @typedef {Awaited<ReturnType<typeof compile>>} Kernels */

const WORKGROUP = 64;

/** Each file's entry points. */
const FILES = /** @type {const} */ ([
  [convolution, ["forward", "inputGradient", "weightGradient", "biasGradient"]],
  [adam, ["descend"]],
]);

/**
 * Compiles all entry points, and resolves to a function that runs one of them for `size` values:
 * `uniform` is binding 0, `tensors` are the others by their numbers. Rejects if the device refuses a
 * shader.
 *
 * @param {GPUDevice} device
 */
export async function compile(device) {
  const compiling = FILES.flatMap(([code, names]) => {
    const module = device.createShaderModule({ code });
    return names.map(async (name) => {
      const compute = { module, entryPoint: name };
      const descriptor = { label: name, layout: /** @type {const} */ ("auto"), compute };
      return /** @type {const} */ ([name, await device.createComputePipelineAsync(descriptor)]);
    });
  });
  const pipelines = new Map(await Promise.all(compiling));
  /**
   * @param {(typeof FILES)[number][1][number]} name
   * @param {number} size
   * @param {GPUBuffer} uniform
   * @param {Readonly<Record<number, Tensor>>} tensors
   */
  return (name, size, uniform, tensors) => {
    const pipeline = /** @type {GPUComputePipeline} */ (pipelines.get(name));
    const others = Object.entries(tensors).map(([binding, { buffer }]) => ({
      binding: Number(binding),
      resource: { buffer },
    }));
    const entries = [{ binding: 0, resource: { buffer: uniform } }, ...others];
    const layout = pipeline.getBindGroupLayout(0);
    const encoder = device.createCommandEncoder({ label: name });
    const pass = encoder.beginComputePass({ label: name });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ label: name, layout, entries }));
    pass.dispatchWorkgroups(Math.ceil(size / WORKGROUP));
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}

/** A buffer of a kernel's words. @param {GPUDevice} device @param {Uint32Array<ArrayBuffer>} words */
export function uniformOf(device, words) {
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: words.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, words);
  return buffer;
}
