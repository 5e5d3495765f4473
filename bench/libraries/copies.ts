// The yardsticks are a kernel that copies x, four values per invocation, and the driver's own copy.
// Both copy f32, whatever the workload's type, so an operation on half the bytes may be faster than
// they are.

import { copyRecorder } from "../../demo/cost/timing";
import type { Tensor } from "../../src/index";
import { type Library, type Prepared, queueDone } from "../library";
import { context } from "./context";

type Recording = NonNullable<Prepared["record"]>;
type Copy = (device: GPUDevice, x: Tensor, y: Tensor) => Recording;

const bufferCopy: Copy = (_device, x, y) => (encoder, repeats) => {
  for (let i = 0; i < repeats; i++) {
    encoder.copyBufferToBuffer(x.buffer, 0, y.buffer, 0, x.size * 4);
  }
};

function prepared(copy: Copy, shape: readonly number[], data: Float32Array): Prepared {
  const ctx = context();
  const x = ctx.tensor(data, shape);
  const y = ctx.empty(shape);
  const record = copy(ctx.device, x, y);
  const run = (times: number) => {
    const encoder = ctx.device.createCommandEncoder({ label: "bench copy" });
    record(encoder, times);
    ctx.device.queue.submit([encoder.finish()]);
  };
  return {
    run,
    record,
    sync: () => queueDone(ctx.device),
    results: async () => {
      run(1);
      const copied = await y.read();
      if (copied.some((v, i) => v !== data[i])) throw new Error("the copy is not what it is of");
      return null;
    },
    dispose: () => {
      x.destroy();
      y.destroy();
    },
  };
}

const library = (id: string, name: string, way: string, copy: Copy): Library => ({
  id,
  name,
  version: "",
  ways: () => [way],
  prepare: async ({ shape }, { x }) => prepared(copy, shape, x.data),
});

export const copy = library("copy", "copy kernel", "vec4<f32>, workgroups of 64", copyRecorder);
export const driverCopy = library(
  "copyBuffer",
  "copyBufferToBuffer",
  "copyBufferToBuffer",
  bufferCopy,
);
