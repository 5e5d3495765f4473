// The worker has the device and measures on it, so that the page answers meanwhile. The end of the
// worker is the end of its device and its memory.

import { clockFor, type NamedClock } from "../../bench/clock";
import { requestBenchDevice } from "../../bench/device";
import { inputsOf } from "../../bench/inputs";
import { context, openContext as openBenchContext } from "../../bench/libraries/context";
import { copy } from "../../bench/libraries/copies";
import { ours } from "../../bench/libraries/ours";
import { measure } from "../../bench/measure";
import type { Report, Row } from "../../bench/report";
import type { Clock, Pace } from "../../bench/timing";
import { tunedRow } from "../../bench/tuning";
import { layer, type Workload } from "../../bench/workloads";
import type { Context } from "../../src/index";
import { messageOf, openContext, type Trouble } from "../engine/open_context";
import { type Limits, skippedPlan, skippedRow, type TunedOrNot } from "./fit";

/** What the page says about the device, and the report too. */
export interface Facts extends Pick<Report, "adapter" | "software" | "clock" | "libraries"> {
  readonly limits: Limits;
}

const LIBRARIES = [ours, copy];

let chosen: NamedClock;

const jobs = {
  async open(): Promise<Facts | Trouble> {
    const opened = await openContext(openOnAdapter);
    if ("title" in opened) return opened;
    const { device, profile } = opened;
    chosen = await triedClock(device);
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    return {
      adapter: profile.name,
      software: profile.software,
      clock: chosen.name,
      libraries: LIBRARIES.map(({ id, name, version }) => ({ id, name, version })),
      limits: { maxBufferSize, maxStorageBufferBindingSize },
    };
  },
  measure({ workload, pace }: { workload: Workload; pace: Pace }): Promise<Row> {
    say("checking against float64");
    const row = measure(workload, LIBRARIES, pace, () => {}, spokenClock());
    return whileDeviceLasts(row.catch((error) => skippedRow(workload, messageOf(error))));
  },
  tune(workload: Workload): Promise<TunedOrNot> {
    say("trying other plans");
    const row: Promise<TunedOrNot> = tunedRow(context(), workload);
    return whileDeviceLasts(row.catch((error) => skippedPlan(workload, messageOf(error))));
  },
};

export type Jobs = typeof jobs;

async function openOnAdapter(): Promise<Context> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("it offers no adapter");
  return openBenchContext({ adapter, device: await requestBenchDevice(adapter) });
}

async function triedClock(device: GPUDevice): Promise<NamedClock> {
  const workload = layer([1024, 1024]);
  const [way] = copy.ways(workload);
  const work = await copy.prepare(workload, inputsOf(workload), way);
  const clock = await clockFor(device, work);
  work.dispose();
  return clock;
}

/** The clock, which says that it is at work. */
const spokenClock = (): Clock => (prepared, runs) => {
  say("timing");
  return chosen.clock(prepared, runs);
};

const SETTLING_MS = 50;

/** Rejects if the device is lost. The calls that a loss breaks may end a little before it is known. */
async function whileDeviceLasts<T>(work: Promise<T>): Promise<T> {
  const lost = context().device.lost.then(({ message }) => {
    throw new Error(`The GPU was lost${message ? `: ${message}` : ""}`);
  });
  const settled = Promise.allSettled([work]).then(
    () => new Promise<void>((resolve) => setTimeout(resolve, SETTLING_MS)),
  );
  await Promise.race([lost, settled]);
  return work;
}

let said = "";

function say(step: string): void {
  if (step !== said) globalThis.postMessage({ step });
  said = step;
}

interface Message {
  job: keyof Jobs;
  input: never;
}

globalThis.addEventListener("message", async ({ data }: MessageEvent<Message>) => {
  said = "";
  try {
    globalThis.postMessage({ output: await jobs[data.job](data.input) });
  } catch (error) {
    globalThis.postMessage({ error: messageOf(error) });
  }
});
