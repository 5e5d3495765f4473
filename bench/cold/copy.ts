// This page measures the time that WebGPU itself takes: an adapter, a device, one kernel, upload
// and download.

import source from "../../demo/cost/copy.wgsl?raw";
import { type First, x } from "./workload";

export const first: First = async () => {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("no WebGPU adapter");
  const device = await adapter.requestDevice();
  const size = x.byteLength;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [from, to] = [0, 1].map(() => device.createBuffer({ size, usage }));
  device.queue.writeBuffer(from, 0, x);
  const module = device.createShaderModule({ code: source });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module, constants: { COUNT: x.length / 4 } },
  });
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [from, to].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(x.length / 256);
  pass.end();
  const read = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size, usage: read });
  encoder.copyBufferToBuffer(to, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  return new Float32Array(staging.getMappedRange().slice(0));
};
