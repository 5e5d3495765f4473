// This adapter runs onnxruntime-web with its WebGPU execution provider: one model per workload, its
// inputs and outputs bound to buffers on the GPU.

import * as ort from "onnxruntime-web/webgpu";
import { type Inputs, product } from "../inputs";
import { type Library, type Prepared, queueDone } from "../library";
import { version } from "../node_modules/onnxruntime-web/package.json";
import type { Shape, Workload } from "../workloads";
import { modelOf, modelWays, outputName } from "./onnx_models";

export async function open(): Promise<Library> {
  ort.env.webgpu.powerPreference = "high-performance";
  ort.env.logLevel = "error";
  return { id: "ort", name: "onnxruntime-web", version, ways: modelWays, prepare };
}

/** Of results too: each has x's shape or is a value a channel. */
function shapesOf({ shape, inputs, results }: Workload): Record<string, Shape> {
  const likeX = (name: string) => name === "y" || name === "sum";
  const made = results.map((name) => [name, likeX(name) ? shape : (inputs[name] ?? [shape[1]])]);
  return { ...Object.fromEntries(made), ...inputs, x: shape };
}

interface Bound {
  readonly tensor: ort.Tensor;
  readonly buffer: GPUBuffer;
}

async function prepare(workload: Workload, inputs: Inputs, way: string): Promise<Prepared> {
  const shapes = shapesOf(workload);
  const session = await ort.InferenceSession.create(modelOf(workload, shapes, way), {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
    graphOptimizationLevel: "all",
  });
  const device = await (ort.env.webgpu.device as unknown as Promise<GPUDevice>);
  const feeds = boundTo(device, Object.entries(inputs), (name, { shape }) => [name, shape]);
  for (const [name, { buffer }] of Object.entries(feeds)) {
    device.queue.writeBuffer(buffer, 0, inputs[name].data);
  }
  const outs = workload.results.map((name) => [name, shapes[name]] as const);
  const fetches = boundTo(device, outs, (name, shape) => [outputName(name), shape]);
  return running(workload, device, session, feeds, fetches);
}

type Many = Record<string, Bound>;

function running(
  { results }: Workload,
  device: GPUDevice,
  session: ort.InferenceSession,
  feeds: Many,
  fetches: Many,
): Prepared {
  const tensors = (many: Many) =>
    Object.fromEntries(Object.entries(many).map(([name, { tensor }]) => [name, tensor]));
  const [given, made] = [tensors(feeds), tensors(fetches)];
  return {
    run: async (times) => {
      for (let i = 0; i < times; i++) await session.run(given, made);
    },
    sync: () => queueDone(device),
    results: async () => {
      await session.run(given, made);
      const read = results.map(async (name) => {
        const { tensor, buffer } = fetches[outputName(name)];
        return [name, await download(device, buffer, product(tensor.dims))] as const;
      });
      return Object.fromEntries(await Promise.all(read));
    },
    dispose: () => {
      for (const { buffer } of Object.values({ ...feeds, ...fetches })) buffer.destroy();
      void session.release();
    },
  };
}

function boundTo<T>(
  device: GPUDevice,
  entries: readonly (readonly [string, T])[],
  of: (name: string, one: T) => [string, Shape],
): Many {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const bound = entries.map(([key, one]) => {
    const [name, shape] = of(key, one);
    const size = Math.ceil((4 * product(shape)) / 16) * 16; // it refuses less
    const buffer = device.createBuffer({ label: `bench ${name}`, size, usage });
    const options = { dataType: "float32", dims: [...shape] } as const;
    const tensor = ort.Tensor.fromGpuBuffer(buffer as never, options);
    return [name, { tensor, buffer }] as const;
  });
  return Object.fromEntries(bound);
}

async function download(device: GPUDevice, buffer: GPUBuffer, count: number) {
  const { size } = buffer;
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ label: "bench results", size, usage });
  const encoder = device.createCommandEncoder({ label: "bench results" });
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0, 4 * count));
  staging.destroy();
  return values;
}
