// This file turns a norm's statement into a problem. All norms share it, and it knows none of them.

import { checkFloat, type DType, FLOATS, resultType } from "../../base/dtype";
import { fail, show } from "../../base/errors";
import type { Known, OptionTable } from "../../base/options";
import { contiguous, sameShape, sizeOf } from "../../base/shape";
import { type Direct, operation } from "../../operation/operation";
import { planBy, planForward, USUAL_WAYS, type Way } from "../../plan/forward";
import type { EpilogueOperand, Operand } from "../../plan/operands";
import type { Planner } from "../../plan/plan";
import type {
  ArrayLayout,
  InPlace,
  Layouts,
  Problem,
  RunningUpdate,
  Statistic,
} from "../../plan/problem";
import type { PassUniforms } from "../../plan/uniform_fields";
import type { Call, CallArrays, CallResults, Definition, OutputSpec } from "../../runtime/call";
import { type ArraySpec, bindingLayoutOf, type Tensor } from "../../runtime/tensor";
import { MOMENTS, type StatisticKind } from "../../wgsl/statistics";
import type { AxisGroups } from "./axis_groups";
import {
  arrayOf,
  checkActivation,
  checkOut,
  checkTarget,
  dtypeOf,
  isInPlace,
  specOf,
} from "./checks";
import type { GivenArguments } from "./given";
import {
  gatesOf,
  type MaskedNorm,
  type NormOptions,
  type NormResult,
  OPTION_OPERANDS,
  type PlacedGates,
  type PlacedMask,
} from "./options";
import { broadcastTo } from "./parameters";
import { fullShape, type PlacedParameter, placeParameter } from "./placement";

/** A statement says how a norm differs from others, beside the common options. */
export interface NormStatement {
  readonly op: string;
  readonly x: ArraySpec;
  readonly kind?: StatisticKind | undefined; // default: moments
  readonly reduced: readonly boolean[];
  readonly groups?: AxisGroups | undefined;
  readonly channelAxis?: number; // of norms over channels
  /** These parameters replace options of the same name. */
  readonly parameters?: { readonly [K in EpilogueOperand]?: PlacedParameter | undefined };
  readonly alpha?: PlacedParameter; // the given factor, if it has a gradient
  readonly offset?: PlacedParameter | undefined; // the given mean, if it has one
  readonly eps: number;
  /** The norm's shader files read these values. */
  readonly uniforms?: Partial<PassUniforms> | undefined;
  /** The norm can return these statistics, under the names of the arguments that take them back. */
  readonly statistics?: readonly Statistic[]; // default: MEAN_AND_RSTD
  /** The statistics may be given instead of measured. */
  readonly given?: GivenArguments;
  readonly runningUpdate?:
    | {
        readonly arrays: { readonly runningMean: ArraySpec; readonly runningVar: ArraySpec };
        /** Returns ways to plan a norm that update these. */
        readonly ways: (ways: readonly Way[]) => readonly Way[];
        readonly of: (keptShape: readonly number[]) => RunningUpdate;
      }
    | undefined;
  /** These operands go by other names, and are constants: no gradient goes to them. */
  readonly plan?: (planner: Planner) => Planner;
  readonly names?: { readonly [K in EpilogueOperand]?: string } | undefined;
  /** The shaders read these further arrays, by their names. */
  readonly arrays?: Readonly<Record<string, ArraySpec>>;
}

/** The function states a norm for an x and options. */
export type StateNorm<O> = (op: string, x: ArraySpec, options: O) => NormStatement;

/** A call without options asks for y alone. */
interface Alone {
  readonly stats?: false;
  readonly residualOut?: false;
}

/** A norm is a function. Its result depends on `stats` and `residualOut`. */
export interface Norm<Options, S> {
  <O extends Direct<Options> = Direct<Options> & Alone>(
    x: Tensor,
    // where one of the forms of the options needs none
    ...options: Record<never, never> extends Options ? [Known<O, Options>?] : [Known<O, Options>]
  ): NormResult<O, S>;
  readonly definition: Definition<Options, unknown> & { readonly statistics?: S }; // for types only
}

/** Results of some norms may have other types. */
export type AnyNormOptions = Omit<NormOptions, "dtype"> & { dtype?: DType | undefined };

/** Makes a norm of its statement. Without a table the options are the library's own, unchecked. */
export function norm<Options extends AnyNormOptions, S>(
  name: string,
  state: StateNorm<Options>,
  options?: OptionTable<Options>,
): Norm<Options, S> {
  const define = (x: ArraySpec, o: Options) => forwardCall(state(name, x, o), o);
  // what a call returns follows from the options that it is given, which only its signature can say
  return operation({ name, options, define }) as unknown as Norm<Options, S>;
}

/** Returns row-major strides of the statistics over the kept axes, and 0 along the reduced ones. */
export function statisticsStrides(shape: readonly number[], reduced: readonly boolean[]): number[] {
  return contiguous(shape.map((size, i) => (reduced[i] ? 1 : size))).map((stride, i) =>
    reduced[i] ? 0 : stride,
  );
}

/** Returns strides along x's axes, with the split axis in two. */
export const groupedStrides = ({ groups }: MaskedNorm, strides: readonly number[]) =>
  groups?.strides(strides) ?? strides;

export const groupedAxes = ({ groups, x: { shape }, reduced }: NormStatement) =>
  groups ?? { shape, reduced };

export function checkCount(
  op: string,
  shape: readonly number[],
  reduced: readonly boolean[],
): void {
  const kept = sizeOf(shape.filter((_, i) => !reduced[i]));
  if (kept > 0 && sizeOf(shape.filter((_, i) => reduced[i])) === 0) {
    fail(op, `shape ${show(shape)} has no elements to take statistics over, expected at least one`);
  }
}

/** Most norms can return these statistics. */
export const MEAN_AND_RSTD: readonly Statistic[] = ["mean", "rstd", "meanPair"];

/** Collects the arguments with statistics. */
export const statisticsArguments = ({
  given,
  runningUpdate,
  arrays,
}: NormStatement): CallArrays => ({
  ...arrays,
  ...given?.arrays,
  ...runningUpdate?.arrays,
});

/** Returns the layouts of the given operands that lie along x. */
export function layoutsOf(n: NormStatement, operands: PlacedOperands): Layouts {
  const entries = Object.entries(operands).flatMap(([name, placed]): [string, ArrayLayout][] =>
    placed ? [[name, bindingLayoutOf(placed.spec, groupedStrides(n, placed.strides))]] : [],
  );
  return Object.fromEntries(entries);
}

/** Collects the norm's own parameters and those of the common options. */
export function parametersOf(
  n: NormStatement,
  o: Pick<NormOptions, (typeof OPTION_OPERANDS)[number] | "activation">,
): PlacedOperands {
  const { op, x, parameters } = n;
  const options = OPTION_OPERANDS.map((name) => [name, broadcastTo(op, name, o[name], x)]);
  return { ...Object.fromEntries(options), ...parameters, slope: slopeOf(n, o.activation) };
}

/** Places the slopes of prelu: one for each channel, or an array that broadcasts. */
function slopeOf({ op, x, channelAxis = -1 }: NormStatement, activation: unknown) {
  const { name = activation, alpha } = Object(activation);
  if (name !== "prelu") return undefined;
  const channels = x.shape.at(channelAxis) ?? 1;
  const spec = arrayOf(op, "activation.alpha", alpha, [channels]);
  const rank = x.shape.length;
  return sameShape(spec.shape, [channels]) && rank > 0
    ? placeParameter(spec, [channelAxis < 0 ? rank - 1 : channelAxis], rank)
    : broadcastTo(op, "activation.alpha", spec, x);
}

type PlacedOperands = { readonly [K in Operand]?: PlacedParameter | undefined };

/** Returns the number beside the scale, if it is not 1. */
function offsetOfScale(op: string, { scale, scaleOffset = 1 }: Modulation) {
  if (scaleOffset === 1) return undefined;
  if (!scale) fail(op, `scaleOffset is ${scaleOffset}, expected a scale beside it`);
  return { scaleOffset };
}

type Modulation = Pick<NormOptions, "scale" | "scaleOffset">;

/** Returns the fields of the problem that forward and backward share. */
export function problemOf(
  n: NormStatement,
  o: Pick<NormOptions, "activation"> & Modulation,
  layouts: Layouts,
  masked?: PlacedMask,
  gates?: PlacedGates,
): Problem {
  const { shape, reduced } = groupedAxes(n);
  const activation = checkActivation(n.op, o.activation);
  return {
    op: n.op,
    kind: n.kind ?? MOMENTS,
    shape,
    reduced,
    layouts: masked?.ordinal ? { ...layouts, ordinal: masked.ordinal } : layouts,
    statisticsLayout: { strides: statisticsStrides(shape, reduced), offset: 0 },
    given: n.given?.statistics ?? null,
    results: [],
    inPlace: {},
    activation,
    uniforms: {
      eps: n.eps,
      ...n.uniforms,
      ...activation.numbers,
      ...masked?.uniforms,
      ...offsetOfScale(n.op, o),
    },
    runningUpdate: null,
    gradient: null,
    mask: masked?.rules ?? null,
    gates: gates?.rules ?? null,
  };
}

export const statisticsShapeOf = (n: NormStatement): number[] => {
  const { shape, reduced } = groupedAxes(n);
  return shape.filter((_, i) => !reduced[i]);
};

export const specsOf = (
  placed: Readonly<Record<string, PlacedParameter | undefined>>,
  names: Readonly<Record<string, string | undefined>> = {},
) => Object.fromEntries(Object.entries(placed).map(([name, p]) => [names[name] ?? name, p?.spec]));

/** Returns the planner with the norm's own names of operands. */
export const planOf = ({ plan = (planner) => planner }: NormStatement, planner: Planner) =>
  plan(planner);

/** Describes the sum with the residual, in the caller's tensor if one is given. */
function sumOutput(op: string, given: unknown, x: ArraySpec): OutputSpec | undefined {
  if (given === undefined || given === false) return undefined;
  const dtype = checkFloat(op, dtypeOf(given, resultType(x.dtype)), "residualOut has dtype");
  const own = given === true ? undefined : given;
  return { shape: x.shape, dtype, out: checkTarget(op, own, x.shape, dtype, "residualOut") };
}

/** Places an output of x's shape. */
export const placedOutput = (output: OutputSpec | undefined) =>
  output && fullShape(output.out ?? specOf(output.shape, output.dtype));

/** Lists the operands that lie exactly where the output does. */
export function inPlaceOf(
  name: string,
  output: OutputSpec | undefined,
  operands: PlacedOperands,
): InPlace {
  if (!output?.out) return {};
  return Object.fromEntries(
    Object.entries(operands).flatMap(([operand, placed]) =>
      placed && isInPlace(placed.spec, output.out, placed.strides) ? [[operand, name]] : [],
    ),
  );
}

/** The types of results that may be bytes. */
const WITH_BYTES = [...FLOATS, "u8"] as const;

/** Returns the planner of a norm, which may have gates and update running statistics. */
function plannerOf({ runningUpdate }: NormStatement, gates: PlacedGates | undefined): Planner {
  if (!runningUpdate && !gates) return planForward;
  const { ways } = gates ?? { ways: USUAL_WAYS };
  // most calls find their plan, and make no planner
  return (...args) => planBy(runningUpdate?.ways(ways) ?? ways)(...args);
}

function forwardCall(n: NormStatement, o: AnyNormOptions): Call<unknown> {
  const { op, x } = n;
  const { dtype, out } = checkOut(op, o, x, n.kind?.bytes && WITH_BYTES);
  const masked = o.mask?.place(n);
  const gates = gatesOf(n, o);
  const operands = {
    x: fullShape(x),
    ...parametersOf(n, o),
    ...gates?.operands,
    ...masked?.operands,
  };
  const { residual, residualBias } = operands;
  const summands = { x: operands.x, residual, residualBias }; // read before the sum is written
  const y = { shape: x.shape, dtype, out };
  const sum = sumOutput(op, o.residualOut, x);
  const placed = { ...operands, y: placedOutput(y), sum: placedOutput(sum) };
  const problem = problemOf(n, o, layoutsOf(n, placed), masked, gates);
  if (o.stats) checkCount(op, problem.shape, problem.reduced);
  const statShape = statisticsShapeOf(n);
  const asked = o.stats ? (n.statistics ?? MEAN_AND_RSTD) : [];
  const result = ({ outputs, statistics }: CallResults) => {
    if (!o.stats && !o.residualOut) return outputs.y;
    return { ...outputs, ...statistics };
  };
  return {
    problem: {
      ...problem,
      results: asked,
      inPlace: { ...inPlaceOf("sum", sum, summands), ...inPlaceOf("y", y, operands) },
      runningUpdate: n.runningUpdate?.of(statShape) ?? null,
    },
    plan: planOf(n, plannerOf(n, gates)),
    arrays: { ...specsOf(operands, n.names), ...statisticsArguments(n) },
    outputs: sum ? { y, sum } : { y },
    statisticsShape: statShape,
    result,
  };
}
