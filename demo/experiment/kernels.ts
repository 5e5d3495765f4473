// These are the experiment's own kernels: all that is not a norm. One pipeline each serves all layers
// and lanes, since compiling takes longer than anything else on a slow device.

import forward from "./kernels/forward.wgsl?raw";
import inputGradient from "./kernels/input_gradient.wgsl?raw";
import loss from "./kernels/loss.wgsl?raw";
import momentum from "./kernels/momentum.wgsl?raw";
import shared from "./kernels/network.wgsl?raw";
import weightGradient from "./kernels/weight_gradient.wgsl?raw";

/** The sources, and which of the arrays of each are written. */
const KERNELS = {
  forward: [forward, "rrw"],
  inputGradient: [inputGradient, "rrw"],
  weightGradient: [weightGradient, "rrww"],
  loss: [loss, "rrww"],
  momentum: [momentum, "rww"],
} as const;

export type KernelName = keyof typeof KERNELS;
export const KERNEL_NAMES = Object.keys(KERNELS) as KernelName[];

export const WORKGROUP = 64;
/** Bytes from a step to the next one in their buffer. */
export const STEP_BYTES = 256;
const STEP_WORDS = 5;

const FIRST_ARRAY = 2; // bindings 0 and 1 are the layer and the step

export interface Step {
  readonly row: number;
  readonly seedRows: number;
  readonly result: number;
  readonly learningRate: number;
  readonly momentum: number;
}

/** The words of one step, in the order of network.wgsl. */
export function wordsOf(step: Step): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(STEP_BYTES / 4);
  words.set([step.row, step.seedRows, step.result]);
  new Float32Array(words.buffer).set([step.learningRate, step.momentum], 3);
  return words;
}

/** Records a kernel for the step at this index of the buffer of steps. */
export type Recording = (pass: GPUComputePassEncoder, step: number) => void;

interface Bindings {
  readonly layer: GPUBuffer;
  readonly steps: GPUBuffer;
  readonly arrays: readonly GPUBuffer[];
}

export interface Kernel {
  /** The grid is in workgroups. */
  bind(bindings: Bindings, grid: readonly [number, number, number]): Recording;
}

export type Kernels = Readonly<Record<KernelName, Kernel>>;

export async function createKernel(device: GPUDevice, name: KernelName): Promise<Kernel> {
  const [source, access] = KERNELS[name];
  const label = `experiment ${name}`;
  const entries: GPUBindGroupLayoutEntry[] = [
    { binding: 0, visibility: 4, buffer: { type: "uniform" } },
    { binding: 1, visibility: 4, buffer: { type: "uniform", hasDynamicOffset: true } },
    ...[...access].map((letter, i): GPUBindGroupLayoutEntry => {
      const type = letter === "w" ? "storage" : "read-only-storage";
      return { binding: FIRST_ARRAY + i, visibility: 4, buffer: { type } };
    }),
  ];
  const layout = device.createBindGroupLayout({ label, entries });
  const pipeline = await device.createComputePipelineAsync({
    label,
    layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label, code: shared + source }) },
  });
  return {
    bind({ layer, steps, arrays }, grid) {
      const bindGroup = device.createBindGroup({
        label,
        layout,
        entries: [
          { binding: 0, resource: { buffer: layer } },
          { binding: 1, resource: { buffer: steps, size: 4 * STEP_WORDS } },
          ...arrays.map((buffer, i) => ({ binding: FIRST_ARRAY + i, resource: { buffer } })),
        ],
      });
      return (pass, step) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup, [STEP_BYTES * step]);
        pass.dispatchWorkgroups(...grid);
      };
    },
  };
}
