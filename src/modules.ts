// The shader files and the bindings that each of them declares: linking is joining whole files.

import formAffine from "../shaders/form/affine.wgsl?raw";
import formExponential from "../shaders/form/exponential.wgsl?raw";
import formLogarithmic from "../shaders/form/logarithmic.wgsl?raw";
import apart from "../shaders/io/apart.wgsl?raw";
import inPlace from "../shaders/io/in_place.wgsl?raw";
import input from "../shaders/io/input.wgsl?raw";
import magnitudeAbs from "../shaders/magnitude/abs.wgsl?raw";
import magnitudePower from "../shaders/magnitude/power.wgsl?raw";
import magnitudeSquare from "../shaders/magnitude/square.wgsl?raw";
import given from "../shaders/measure/given.wgsl?raw";
import held from "../shaders/measure/held.wgsl?raw";
import streamed from "../shaders/measure/streamed.wgsl?raw";
import moments from "../shaders/moments.wgsl?raw";
import normalize from "../shaders/normalize.wgsl?raw";
import packF32 from "../shaders/pack/f32.wgsl?raw";
import packF32x4 from "../shaders/pack/f32x4.wgsl?raw";
import paramF32 from "../shaders/param/f32.wgsl?raw";
import paramGather4 from "../shaders/param/f32_gather4.wgsl?raw";
import paramF32x4 from "../shaders/param/f32x4.wgsl?raw";
import parameters from "../shaders/parameters.wgsl?raw";
import params from "../shaders/params.wgsl?raw";
import pivotHeldLargest from "../shaders/pivot/held_largest.wgsl?raw";
import pivotHeldMean from "../shaders/pivot/held_mean.wgsl?raw";
import pivotLargest from "../shaders/pivot/largest.wgsl?raw";
import pivotSample from "../shaders/pivot/sample.wgsl?raw";
import pivotZero from "../shaders/pivot/zero.wgsl?raw";
import reduce from "../shaders/reduce.wgsl?raw";
import scaleDeviation from "../shaders/scale/deviation.wgsl?raw";
import scaleLogarithm from "../shaders/scale/logarithm.wgsl?raw";
import scaleQuotient from "../shaders/scale/quotient.wgsl?raw";
import scaleReciprocal from "../shaders/scale/reciprocal.wgsl?raw";
import scaleRsqrt from "../shaders/scale/rsqrt.wgsl?raw";
import nothing from "../shaders/sink/nothing.wgsl?raw";
import sinkRecords from "../shaders/sink/records.wgsl?raw";
import statistics from "../shaders/sink/statistics.wgsl?raw";
import elements from "../shaders/source/elements.wgsl?raw";
import sourceRecords from "../shaders/source/records.wgsl?raw";
import fold4 from "../shaders/stat/fold4.wgsl?raw";
import four from "../shaders/stat/four.wgsl?raw";
import one from "../shaders/stat/one.wgsl?raw";
import statisticExpSum from "../shaders/statistic/exp_sum.wgsl?raw";
import statisticLargest from "../shaders/statistic/largest.wgsl?raw";
import statisticMoments from "../shaders/statistic/moments.wgsl?raw";
import statisticSum from "../shaders/statistic/sum.wgsl?raw";
import alone from "../shaders/team/alone.wgsl?raw";
import workgroup from "../shaders/team/workgroup.wgsl?raw";
import track from "../shaders/track.wgsl?raw";
import walk from "../shaders/walk.wgsl?raw";
import writeHeld from "../shaders/write/held.wgsl?raw";
import writeStreamed from "../shaders/write/streamed.wgsl?raw";

/** What a binding holds; the executor finds the buffer by this name. */
export type Slot =
  | "params"
  | "x"
  | "y"
  | "weight"
  | "bias"
  | "statistics"
  | "records"
  | "pivots"
  | "spreads"
  | "runningMean"
  | "runningVar";

export interface Binding {
  readonly slot: Slot;
  readonly binding: number;
  readonly type: GPUBufferBindingType;
}

interface Module {
  readonly text: string;
  readonly bindings: readonly Binding[];
}

const uniform = (slot: Slot, binding: number): Binding => ({ slot, binding, type: "uniform" });
const read = (slot: Slot, binding: number): Binding => {
  return { slot, binding, type: "read-only-storage" };
};
const write = (slot: Slot, binding: number): Binding => ({ slot, binding, type: "storage" });

const param = [read("weight", 3), read("bias", 4)];
const module = (text: string, ...bindings: Binding[]): Module => ({ text, bindings });

export const MODULES = {
  params: module(params, uniform("params", 0)),
  walk: module(walk),
  moments: module(moments),
  parameters: module(parameters),
  "form/affine": module(formAffine),
  "form/exponential": module(formExponential),
  "form/logarithmic": module(formLogarithmic),
  "magnitude/abs": module(magnitudeAbs),
  "magnitude/power": module(magnitudePower),
  "magnitude/square": module(magnitudeSquare),
  "pivot/held_largest": module(pivotHeldLargest),
  "pivot/held_mean": module(pivotHeldMean),
  "pivot/largest": module(pivotLargest),
  "pivot/sample": module(pivotSample),
  "pivot/zero": module(pivotZero),
  "scale/deviation": module(scaleDeviation),
  "scale/logarithm": module(scaleLogarithm),
  "scale/quotient": module(scaleQuotient),
  "scale/reciprocal": module(scaleReciprocal),
  "scale/rsqrt": module(scaleRsqrt),
  "statistic/exp_sum": module(statisticExpSum),
  "statistic/largest": module(statisticLargest),
  "statistic/moments": module(statisticMoments),
  "statistic/sum": module(statisticSum),
  normalize: module(normalize),
  reduce: module(reduce),
  track: module(track, read("statistics", 1), write("runningMean", 2), write("runningVar", 3)),
  "pack/f32": module(packF32),
  "pack/f32x4": module(packF32x4),
  "stat/one": module(one),
  "stat/fold4": module(fold4),
  "stat/four": module(four),
  "io/apart": module(apart, read("x", 1), write("y", 2)),
  "io/in_place": module(inPlace, write("y", 2)),
  "io/input": module(input, read("x", 1)),
  "param/f32": module(paramF32, ...param),
  "param/f32_gather4": module(paramGather4, ...param),
  "param/f32x4": module(paramF32x4, ...param),
  "measure/streamed": module(streamed),
  "measure/held": module(held),
  "measure/given": module(given, read("pivots", 6), read("spreads", 7)),
  "source/elements": module(elements),
  "source/records": module(sourceRecords, read("records", 1)),
  "write/held": module(writeHeld),
  "write/streamed": module(writeStreamed),
  "team/alone": module(alone),
  "team/workgroup": module(workgroup),
  "sink/statistics": module(statistics, write("statistics", 5)),
  "sink/records": module(sinkRecords, write("records", 5)),
  "sink/nothing": module(nothing),
} satisfies Record<string, Module>;

export type ModuleName = keyof typeof MODULES;

export const bindingsOf = (names: readonly ModuleName[]): Binding[] =>
  names.flatMap((name) => MODULES[name].bindings);

export const sourceOf = (names: readonly ModuleName[]): string =>
  names.map((name) => MODULES[name].text).join("\n");
