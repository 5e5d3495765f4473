// The fixture is tested, too: what it reports, and when.

import { describe, expect } from "vitest";
import { expectGpuError, test } from "./fixture";

/** A buffer whose usage no browser accepts: mappable for reading and for writing. */
function invalidBuffer(device: GPUDevice): GPUBuffer {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE;
  return device.createBuffer({ label: "invalid", size: 16, usage });
}

describe("a test fails", () => {
  test.fails("on a validation error on the shared device", ({ device }) => {
    invalidBuffer(device);
  });

  test.fails("on a validation error on a device of its own", async ({ freshDevice }) => {
    invalidBuffer(await freshDevice());
  });

  test.fails("on an error that no scope caught", async ({ device }) => {
    for (let i = 0; i < 3; i++) device.popErrorScope();
    invalidBuffer(device);
    await device.queue.onSubmittedWorkDone();
    for (const filter of ["validation", "out-of-memory", "internal"] as const) {
      device.pushErrorScope(filter);
    }
  });

  test.fails("on an error scope left open", ({ device }) => {
    device.pushErrorScope("validation");
  });

  test.fails("when the shared device is lost", async ({ device }) => {
    device.destroy();
    await device.lost;
  });
});

test("the shared device is made anew after a loss", async ({ device }) => {
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ });
  await buffer.mapAsync(GPUMapMode.READ);
  expect(buffer.mapState).toBe("mapped");
  buffer.destroy();
});

test("an announced error is no failure", async ({ device }) => {
  await expectGpuError(device, "validation", /./, () => invalidBuffer(device));
});

test("a test may destroy a device of its own", async ({ freshDevice }) => {
  const device = await freshDevice();
  device.destroy();
  expect((await device.lost).reason).toBe("destroyed");
});

test("devices have default limits, and the features that are asked for", async ({
  device,
  freshDevice,
}) => {
  expect(device.limits.maxStorageBufferBindingSize).toBe(128 * 2 ** 20);
  const bare = await freshDevice({ requiredFeatures: [] });
  expect(bare.features.size).toBeLessThanOrEqual(1); // core-features-and-limits comes by itself
});
