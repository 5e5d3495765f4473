// A short selection of the faults that `npm run test:faults` tries, on the device of the tests.

import { expect, test } from "vitest";
import { SCENARIOS } from "../support/fault_scenarios";
import { runFaults } from "../support/run_faults";

const adapters: GPUAdapter[] = []; // Dawn's devices do not outlive theirs

async function open(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("no WebGPU adapter for the tests");
  adapters.push(adapter);
  return adapter.requestDevice();
}

const calls = ["createBuffer", "createBindGroup", "submit", "mapAsync", "popErrorScope"];

for (const name of ["layerNorm", "batch", "prepare"]) {
  test(`a device that fails in ${name}`, async () => {
    const limits = { seconds: 6, most: 2, calls, wait: 60_000 }; // compilers take their time
    const { findings, tried } = await runFaults(open, name, SCENARIOS[name], limits);
    expect(findings).toEqual([]);
    expect(tried).toBeGreaterThan(0);
  });
}
