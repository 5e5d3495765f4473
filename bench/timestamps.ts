// This file measures time on the GPU alone: one timestamp before the first run and one after the
// last.

import type { Prepared } from "./library";
import type { Clock } from "./timing";

const BYTES = 16; // of two timestamps

export function timestampClock(device: GPUDevice): Clock {
  const querySet = device.createQuerySet({ label: "bench", type: "timestamp", count: 2 });
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size: BYTES, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ size: BYTES, usage: COPY_DST | MAP_READ });

  /** A pass with nothing in it but a timestamp: passes run in order. */
  const stamp = (encoder: GPUCommandEncoder, index: 0 | 1) => {
    const timestampWrites = index
      ? { querySet, endOfPassWriteIndex: 1 }
      : { querySet, beginningOfPassWriteIndex: 0 };
    encoder.beginComputePass({ label: "bench timestamp", timestampWrites }).end();
    if (index) {
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, BYTES);
    }
  };
  const encoderFor = () => device.createCommandEncoder({ label: "bench timestamp" });
  const submit = (encoder: GPUCommandEncoder) => device.queue.submit([encoder.finish()]);

  /** All in one submit, so that the GPU never waits between the timestamps. */
  const recorded = (record: NonNullable<Prepared["record"]>, runs: number) => {
    const encoder = encoderFor();
    stamp(encoder, 0);
    record(encoder, runs);
    stamp(encoder, 1);
    submit(encoder);
  };

  const called = async (prepared: Prepared, runs: number) => {
    const [before, after] = [encoderFor(), encoderFor()];
    stamp(before, 0);
    submit(before);
    await prepared.run(runs);
    stamp(after, 1);
    submit(after);
  };

  return async (prepared, runs) => {
    if (prepared.record) recorded(prepared.record, runs);
    else await called(prepared, runs);
    await staging.mapAsync(GPUMapMode.READ);
    const [start, end] = new BigUint64Array(staging.getMappedRange());
    staging.unmap();
    return Number(end - start) / 1e6 / runs;
  };
}
