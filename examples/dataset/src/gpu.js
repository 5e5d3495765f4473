// Dawn, WebGPU for Node, has the first GPU that this process sees: on a machine of several, give each
// worker its own (a container, or the driver's variable).

import { create, globals } from "webgpu";
import { createContext } from "webgpu-norm";
import { momentsStateOf } from "webgpu-norm/stream";

/** Dawn's devices do not outlive these. */
const kept = [];

/** @returns {Promise<import("./types.d.ts").Device>} */
export async function openGpu() {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  kept.push(gpu); // before it is asked: a promise of an instance that is gone ends the process
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("no GPU here (Vulkan, Metal, D3D12), expected one, or device host");
  kept.push(adapter);
  const context = await createContext({ adapter });
  return {
    name: context.profile.name,
    measure: async (values, { shape, axes, dtype }, range) => {
      const sample = shape.slice(1);
      const samples = values.length / sample.reduce((a, b) => a * b, 1);
      const x = context.tensor(values, [samples, ...sample], { dtype });
      const state = momentsStateOf(x, { shape, axes, range });
      x.destroy(); // its work is submitted
      return state;
    },
  };
}
