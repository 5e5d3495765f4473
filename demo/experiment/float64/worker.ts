// This worker has an experiment in float64, whose steps would hold up the page. The first message is
// its spec, each other one a call.

import type { Experiment } from "../experiment";
import type { Spec } from "../spec";
import { createFloat64Experiment } from "./experiment";

/** The methods that the page can call. */
export type Method = Exclude<keyof Experiment, "spec" | "losses" | "destroy">;

export interface Call {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly never[];
}

/** The answer to a call, with the losses of the steps since the last answer. */
export interface Answer {
  readonly id: number;
  readonly value: unknown;
  readonly losses: Experiment["losses"];
}

let experiment: Experiment | undefined;
let told = 0; // steps whose losses the page has

globalThis.addEventListener("message", async ({ data }: MessageEvent<Spec | Call>) => {
  if (!experiment || !("method" in data)) {
    experiment = createFloat64Experiment(data as Spec);
    return;
  }
  const method = experiment[data.method] as (...args: readonly never[]) => Promise<unknown>;
  const value = await method.call(experiment, ...data.args);
  const losses = experiment.losses.slice(told);
  told = experiment.losses.length;
  globalThis.postMessage({ id: data.id, value, losses } satisfies Answer);
});
