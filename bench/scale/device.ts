// The programs of bench/scale run in Node under Dawn, on a device with all that its adapter allows.

import { cpus, type as system } from "node:os";
import { create, globals } from "webgpu";
import dawn from "webgpu/package.json";
import { type Context, createContext } from "../../src/index";
import { requestBenchDevice } from "../device";

/** Instance and adapter have to outlive the device: nothing else holds them in Dawn's bindings. */
const held: unknown[] = [];

export async function openContext(): Promise<Context> {
  Object.assign(globalThis, globals);
  const gpu = create(["disable-dawn-features=timestamp_quantization"]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("Dawn finds no adapter here: is there a Vulkan driver?");
  held.push(gpu, adapter);
  Object.assign(globalThis, { scaleHeld: held });
  return createContext({ device: await requestBenchDevice(adapter) });
}

/** What every figure says of itself. */
export interface Machine {
  readonly date: string;
  readonly adapter: string;
  readonly software: boolean;
  readonly machine: string;
  readonly engine: string;
}

export function machineOf({ profile }: Context): Machine {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    adapter: profile.name,
    software: profile.software,
    machine: `${cpu?.model.trim()}, ${cpus().length} cores, ${system()}`,
    engine: `Dawn (webgpu ${dawn.version}) in Node ${process.versions.node}`,
  };
}

/** Prints what a program found as JSON, and ends it: Dawn's thread would keep the process. */
export function print(found: Promise<object>): void {
  found.then(
    (all) => {
      process.stdout.write(`${JSON.stringify(all)}\n`, () => process.exit(0));
    },
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}
