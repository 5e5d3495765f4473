// Images of every source make pipelines for every result, under Dawn's null backend.

import { expect, test } from "vitest";
import { contiguous } from "../../src/base/shape";
import { type Context, normalizeImage, type Tensor } from "../../src/index";
import { TextureTensor } from "../../src/norms/shared/image_source";
import { DEFAULTS, type PlanningProfile } from "../../src/plan/device_profile";
import { queueOf } from "../../src/runtime/command_queue";
import { pipelinesOf } from "../../src/runtime/pipeline_cache";
import type { ArraySpec } from "../../src/runtime/tensor";
import { bindingsOf } from "../../src/wgsl/link";
import { IMAGE_EXTERNAL, IMAGE_FLOAT_TEXTURE, IMAGE_TEXTURE } from "../../src/wgsl/statistics";
import { nullDevice } from "../support/null_device";

const GPU: PlanningProfile = {
  ...DEFAULTS.gpu,
  name: "paper",
  software: false,
  f16: true,
  subgroups: false,
  invocations: 256,
  storageBuffers: 8,
  maxBindingBytes: 2 ** 27,
};

const ofBytes = (channels: number): ArraySpec => {
  const shape = [2, 4, 8, channels];
  return { shape, strides: contiguous(shape), offset: 0, dtype: "u8" };
};

const ofTexture = (kind: typeof IMAGE_TEXTURE): Tensor =>
  new TextureTensor({} as Context, {} as GPUTextureView, [1, 4, 8, 4], kind);

const SOURCES = [
  ofBytes(4),
  ofBytes(3),
  ...[IMAGE_TEXTURE, IMAGE_FLOAT_TEXTURE, IMAGE_EXTERNAL].map(ofTexture),
];

test("every source and result makes a pipeline with its bindings", async () => {
  const device = await nullDevice(["shader-f16"]);
  const failures: string[] = [];
  const loads = new Set<string>();
  const writes = new Set<string>();
  for (const source of SOURCES) {
    for (const layout of ["nchw", "nhwc"] as const) {
      for (const dtype of ["f32", "f16", "bf16"] as const) {
        for (const width of [8, 5]) {
          const crop = { x: 0, y: 0, width, height: 3 };
          const call = normalizeImage.definition.define(source, { layout, dtype, crop });
          for (const nativeF16 of [true, false]) {
            const [pass] = call.plan(call.problem, GPU, { nativeF16 }).passes;
            for (const { name } of pass.fragments) {
              if (name.startsWith("image/load")) loads.add(name);
              if (name.startsWith("image/write")) writes.add(name);
            }
            expect(bindingsOf(pass.fragments)).toHaveLength(3);
            const { status } = queueOf(device).batch((batch) => {
              pipelinesOf(device).get(device, "test", pass);
              return batch;
            });
            const error = await status.done;
            if (error) failures.push(error.message);
          }
        }
      }
    }
  }
  expect(failures).toEqual([]);
  expect([loads.size, writes.size]).toEqual([5, 3]);
  device.destroy();
}, 60_000);
