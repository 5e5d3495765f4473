// A comparison sends the input through the four norms on the GPU. The worker checks every value
// against float64, then all norms are timed. It gives up as soon as newer settings have arrived.

import { entryAt } from "../src/base/entry";
import type { Context, Tensor } from "../src/index";
import { CALLS, type NormOptions } from "./norms";
import { extentOf, NORM_IDS, type NormId, SHARING, type Shape4, sizeOf } from "./shapes";
import { copyKernel, type Timing, timeInTurns } from "./timing";
import type { Check } from "./worker";
import { inWorker } from "./worker_client";

export interface Input {
  data: Float32Array;
  shape: Shape4;
}

export interface Hooks {
  /** Throws if this run is no longer wanted. */
  progress(text: string): void;
  onNorm(id: NormId, y: Float32Array, check: Check): void;
}

export interface Comparison {
  checks: Record<NormId, Check>;
  timings: Record<NormId, Timing>;
  copy: Timing;
  plans: Record<NormId, string>;
}

export async function compare(
  context: Context,
  input: Input,
  options: NormOptions,
  hooks: Hooks,
): Promise<Comparison> {
  const { shape } = input;
  hooks.progress("Uploading");
  const x = context.tensor(input.data, [...shape]);
  try {
    const checks = {} as Record<NormId, Check>;
    const plans = {} as Record<NormId, string>;
    for (const id of NORM_IDS) {
      hooks.progress(`${SHARING[id].label}: running and checking against float64`);
      const { y, check } = await runNorm(x, input, id, options);
      hooks.progress(`${SHARING[id].label}: checked`);
      checks[id] = check;
      plans[id] = CALLS[id].plan(context, shape, options);
      hooks.onNorm(id, y, check);
    }
    const { copy, timings } = await timeAll(context, x, options, hooks);
    return { checks, timings, copy, plans };
  } finally {
    x.destroy();
  }
}

/** Runs one norm and reads the result back. */
export async function runNorm(x: Tensor, input: Input, id: NormId, options: NormOptions) {
  const output = CALLS[id].run(x, options);
  let y: Float32Array;
  try {
    y = await output.read();
  } finally {
    output.destroy();
  }
  const { data, shape } = input;
  const extent = extentOf(SHARING[id], shape, options.groups);
  const check = await inWorker("check", { x: data, y, shape, extent, eps: options.eps });
  return { y, check };
}

async function timeAll(context: Context, x: Tensor, options: NormOptions, hooks: Hooks) {
  const out = context.empty([...x.shape]);
  try {
    const norms = NORM_IDS.map((id) => (repeats: number) => {
      context.batch(() => {
        for (let i = 0; i < repeats; i++) CALLS[id].run(x, options, out);
      });
    });
    const kernels = [copyKernel(context.device, x, out), ...norms];
    hooks.progress("Timing");
    const bytes = 4 * sizeOf(x.shape as Shape4);
    const times = await timeInTurns(context, kernels, bytes, (round, rounds) =>
      hooks.progress(`Timing, round ${round} of ${rounds}`),
    );
    const timings = {} as Record<NormId, Timing>;
    for (const [i, id] of NORM_IDS.entries()) timings[id] = entryAt(times, i + 1);
    return { copy: entryAt(times, 0), timings };
  } finally {
    out.destroy();
  }
}
