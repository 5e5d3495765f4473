// This file runs single functions of the shaders on the GPU: the files under test with a `main`
// around them.

import { type Fragment, sourceOf } from "../../src/wgsl/link";

const USAGE = { mapRead: 1, copySrc: 4, copyDst: 8, storage: 128 };
const WORKGROUP = 64;
const ROW = 2 ** 20; // invocations of a row of workgroups

/**
 * Runs `body` for every index `i` below `count`. It reads `input` and writes `output`, arrays of these
 * element types; gives the output's words.
 */
export async function runKernel(
  device: GPUDevice,
  files: readonly Fragment[],
  { body, input, output }: { body: string; input: string; output: string },
  data: Uint32Array<ArrayBuffer>,
  count: number,
  words: number,
): Promise<Uint32Array<ArrayBuffer>> {
  const main = `
    @group(0) @binding(0) var<storage, read> input: array<${input}>;
    @group(0) @binding(1) var<storage, read_write> output: array<${output}>;
    @compute @workgroup_size(${WORKGROUP}) fn main(@builtin(global_invocation_id) id: vec3u) {
      let i = id.x + id.y * ${ROW}u;
      if (i >= ${count}u) { return; }
      ${body}
    }`;
  const features = /\bf16\b/.test(main) ? ["f16"] : []; // the build says it of files
  const code = sourceOf([...files, { name: "main", text: main, features }]);
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const make = (size: number, usage: number) => device.createBuffer({ size, usage });
  const from = make(data.byteLength, USAGE.storage | USAGE.copyDst);
  const to = make(4 * words, USAGE.storage | USAGE.copySrc);
  const staging = make(4 * words, USAGE.mapRead | USAGE.copyDst);
  device.queue.writeBuffer(from, 0, data);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [from, to].map((buffer, binding) => ({ binding, resource: { buffer } }));
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(Math.min(count, ROW) / WORKGROUP), Math.ceil(count / ROW));
  pass.end();
  encoder.copyBufferToBuffer(to, 0, staging, 0, 4 * words);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(1);
  const result = new Uint32Array(staging.getMappedRange().slice(0));
  for (const buffer of [from, to, staging]) buffer.destroy();
  return result;
}
