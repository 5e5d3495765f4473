// Every operation that has a gradient gets a row here for it. x is the input of the norm; dy and
// the saved statistics of the forward are inputs beside its parameters.

import * as library from "../../src/index";
import { BACKWARD } from "../reference/backward";
import { corrections } from "../reference/family";
import { resolveAxes, type Values } from "./arrays";
import {
  type Inputs,
  type Operation,
  type Options,
  type Problem,
  referenceOf,
  type Shape,
  statisticsOf,
} from "./problem";
import type { Random } from "./random";
import { undecided } from "./tolerance_gradients";

type Backward<T> = (dy: T, options: object) => object;

const exported = library as unknown as Record<string, Backward<unknown>>;

/** f(dy, { x, ... }) as f(x, { dy, ... }). */
function turned<T>(f: Backward<T>, first = "dy") {
  return (x: T, { [first]: dy, ...options }: Record<string, unknown>) =>
    f(dy as T, { x, ...options });
}

export function gradientsOf(operations: readonly Operation[]): Operation[] {
  return operations.flatMap((forward) => {
    const name = `${forward.name}Backward`;
    if (!exported[name]) return [];
    return [
      forward.kind === "reduction" ? reductionGradientOf(forward, name) : gradientOf(forward, name),
    ];
  });
}

/** The gradients that arrive have the shape of the statistic, and are f32 like it. */
function reductionGradientOf(forward: Operation, name: string): Operation {
  const arriving = name === "momentsBackward" ? ["dMean", "dVariance"] : ["dy"];
  const [first] = arriving;
  return {
    ...forward,
    name,
    kind: "gradient",
    common: false,
    forward,
    first,
    library: turned(exported[name], first) as Operation["library"],
    reference: turned(BACKWARD[name] as Backward<Values>, first) as Operation["reference"],
    parameters: (_, shape, options) => {
      const own = keptShape(shape, options);
      return Object.fromEntries(arriving.map((gradient) => [gradient, own]));
    },
    needs: arriving,
    completed: (problem) => ({
      ...problem,
      types: problem.types && {
        x: problem.types.x ?? "f32",
        ...(problem.types.mask && { mask: problem.types.mask }),
      },
    }),
  };
}

function keptShape(shape: Shape, { axes, keepdim }: Options): number[] {
  const reduced = resolveAxes(shape, axes);
  return shape.flatMap((size, axis) => {
    if (reduced.includes(axis)) return keepdim ? [1] : [];
    return [size];
  });
}

function gradientOf(forward: Operation, name: string): Operation {
  return {
    ...forward,
    name,
    kind: "gradient",
    forward,
    library: turned(exported[name]) as Operation["library"],
    reference: turned(BACKWARD[name] as Backward<Values>) as Operation["reference"],
    options: (random, shape) => withoutMomentum(forward.options(random, shape)),
    parameters: (random, shape, options) => ({
      ...forward.parameters(random, shape, options),
      dy: shape,
    }),
    needs: ["dy", ...(forward.needs ?? [])],
    completed,
  };
}

/** What the running statistics become is no business of the gradient's. */
function withoutMomentum({ momentum: _, ...options }: Options): Options {
  return options;
}

/** Statistics half of the time; some of the gradients; nothing arrives where rounding would decide. */
function completed(problem: Problem, random: Random): Problem {
  const saved = random.chance(0.5) ? statistics(problem) : {};
  const given: Problem = { ...problem, inputs: { ...problem.inputs, ...saved } };
  const chooses = random.chance(0.25);
  const some = chooses ? subset(given, random) : {};
  const complete = { ...given, options: { ...given.options, ...some } };
  settle(complete);
  return complete;
}

/** What the forward would have saved, in f32. */
export function statistics({ operation, options, inputs }: Problem): Record<string, Values> {
  const { forward } = operation;
  if (!forward || operation.given?.(options, inputs)) return {};
  const { dy, dSum, residualBias, residualGate, sum, ...own } = inputs;
  const problem = {
    operation: forward,
    options: { ...options, stats: true },
    inputs: { ...own, ...(sum && { x: sum }) } as Inputs,
  };
  const { mean, rstd } = referenceOf(problem);
  const names = statisticsOf(forward);
  if (names.length === 0) return {};
  const { rMax, dMax } = options;
  const renorm = rMax !== undefined && dMax !== undefined;
  const more =
    renorm && options.training
      ? corrections({ mean, rstd }, { ...options, ...own, rMax, dMax })
      : {};
  const all: Record<string, Values> = { ...(mean && { mean }), rstd, ...more };
  return Object.fromEntries(
    Object.entries(all).map(([name, { shape, data }]): [string, Values] => {
      return [name, { shape, data: Float32Array.from(data) }];
    }),
  );
}

function subset(problem: Problem, random: Random): Options {
  const possible = Object.keys(referenceOf(problem));
  return { gradients: random.shuffle(possible).slice(0, 1 + random.below(possible.length)) };
}

/** Sets dy to 0 where an activation or threshold bends so near that rounding decides on which side. */
export function settle(problem: Problem): void {
  for (const i of undecided(problem)) problem.inputs.dy.data[i] = 0;
}
