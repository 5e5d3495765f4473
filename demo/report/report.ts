// With ?report in its address the page runs every norm, checks it against float64, times it beside a
// copy, and leaves what it found for scripts: `globalThis.normReport`.

import type { Tensor } from "../../src/index";
import type { Shape4 } from "../base/shape";
import { copyKernel, timeInTurns } from "../cost/timing";
import type { Engine, Gpu } from "../engine/engine";
import { callOf } from "../norms/calls";
import { type NormId, PRESET_IDS, partitionOf, presetOf } from "../norms/presets";
import { sharedSets } from "../norms/sets";
import type { Call } from "../norms/usual_calls";
import { colourPictures } from "../sources/colour_pictures";
import type { Input } from "../sources/input";
import type { Photograph } from "../sources/photographs";

export interface ReportRow {
  readonly norm: string;
  readonly sets: string;
  readonly maxError: number;
  /** The times, where this GPU alone decides them. */
  readonly ms?: number;
  readonly gbs?: number;
  readonly copyShare?: number;
}

interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

export interface Report {
  readonly adapter: { readonly name: string; readonly software: boolean };
  /** The shapes that are checked and timed. */
  readonly shape: readonly number[];
  readonly timedShape: readonly number[];
  readonly copyGBs: number;
  readonly rows: readonly ReportRow[];
  readonly checks: readonly CheckResult[];
  readonly error?: string;
}

declare global {
  var normReport: Report | undefined;
}

/**
 * The largest error against float64 that is allowed: that of rounding y itself, simulated 1.9e-6 for
 * |y| up to about 5. Beyond 8, where float32 has steps of 9.5e-7, it grows with |y|.
 */
const MAX_ERROR = 2e-6;
const EPS = 1e-5;
const TIMED_SIDE = 224;
/** An exchange between machines is not a matter of this GPU. */
const TIMED = PRESET_IDS.filter((norm) => presetOf(norm).workers === undefined);

export interface ReportOptions {
  readonly engine: Engine;
  readonly input: Input;
  readonly photographs: readonly Photograph[];
  readonly progress: (text: string) => void;
  readonly refused: readonly string[];
}

export async function makeReport(options: ReportOptions): Promise<Report> {
  const { engine, input, progress, refused } = options;
  const opened = await engine.opened;
  const { shape } = input;
  const timedShape: Shape4 = [options.photographs.length, 3, TIMED_SIDE, TIMED_SIDE];
  if ("title" in opened) {
    const adapter = { name: "none", software: false };
    return { adapter, shape, timedShape, copyGBs: 0, rows: [], checks: [], error: opened.title };
  }
  const checks: CheckResult[] = [];
  const errors = new Map<NormId, number>();
  for (const norm of PRESET_IDS) {
    progress(`Checking ${presetOf(norm).label}`);
    const asked = { norm, partition: partitionOf(presetOf(norm)), shape, x: input.x, eps: EPS };
    const { y, error = Number.NaN } = await engine.ask(asked);
    errors.set(norm, error);
    checks.push(checkOf(norm, Float32Array.from(y), error));
  }
  const timed = await timeAll(opened, colourPictures(options.photographs, TIMED_SIDE), progress);
  checks.push({
    name: "no WebGPU error",
    passed: refused.length === 0,
    detail: refused[0] ?? "none reported",
  });
  const { name, software } = opened.context.profile;
  const rows = PRESET_IDS.map((norm): ReportRow => {
    const time = timed.norms[TIMED.indexOf(norm)];
    const preset = presetOf(norm);
    const { count, size } = sharedSets(shape, preset, partitionOf(presetOf(norm)));
    return {
      ...{ norm: preset.label, sets: `${count} x ${size}`, maxError: errors.get(norm) as number },
      ...(time && { ms: time.ms, gbs: time.gbs, copyShare: time.gbs / timed.copy.gbs }),
    };
  });
  return { adapter: { name, software }, shape, timedShape, copyGBs: timed.copy.gbs, rows, checks };
}

function checkOf(norm: NormId, y: Float32Array, error: number): CheckResult {
  const largest = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const allowed = MAX_ERROR * Math.max(1, largest / 8);
  return {
    name: `${presetOf(norm).label}: every value within ${allowed.toExponential(1)} of float64`,
    passed: error <= allowed,
    detail: `largest error ${error.toExponential(2)}`,
  };
}

/** Times all norms in turns with a copy. */
async function timeAll(
  { context }: Gpu,
  { x, shape }: { readonly x: Float32Array; readonly shape: Shape4 },
  progress: (text: string) => void,
) {
  const made: Tensor[] = [];
  const keep = (tensor: Tensor) => {
    made.push(tensor);
    return tensor;
  };
  const input = keep(context.tensor(x, shape));
  const out = keep(context.empty(shape));
  const make = (values: ArrayLike<number>, of: readonly number[]) =>
    keep(context.tensor(Float32Array.from(values), of));
  const calls = await Promise.all(TIMED.map((norm) => callOf(norm, presetOf(norm))));
  const norms = TIMED.map((norm, i) => {
    const partition = { ...partitionOf(presetOf(norm)), groups: 1 };
    const call = calls[i] as Call;
    return (repeats: number) => {
      for (let i = 0; i < repeats; i++)
        void call(input, { ...partition, eps: EPS, out }, make, context);
    };
  });
  const kernels = [copyKernel(context.device, input, out), ...norms];
  const [copy, ...times] = await timeInTurns(context, kernels, 4 * x.length, (round, rounds) => {
    progress(`Timing, round ${round} of ${rounds}`);
  });
  for (const tensor of made) tensor.destroy();
  return { copy: copy as { ms: number; gbs: number }, norms: times };
}
