// This file draws the common options of all norms, and the storage of arrays, for a problem. Every
// combination is a shader to be compiled, which takes longer than all else in a test. A seed
// therefore has one of few classes, and an operation one activation per class.

import type { DType } from "../../src/index";
import { type Activation, activations } from "./activations";
import type { Operation, Options, Shape } from "./problem";
import type { Random } from "./random";
import { broadcastable } from "./random_options";
import { INTEGERS } from "./rounding";

export interface CommonOptions {
  readonly options: Options;
  readonly parameters: Record<string, Shape>;
  readonly types: Record<string, DType>;
}

const ACTIVATIONS = Object.keys(activations) as Activation[];

/** An operation's number: its name's letters. */
const numberOf = (name: string) => [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);

/** The other operations have the others. */
const activationOf = (name: string, turn: number): Activation =>
  ACTIVATIONS[(numberOf(name) + 3 * turn) % ACTIVATIONS.length];

/** f16 alone, bf16 alone, and of each kind something. */
const STORED: readonly (readonly [x: DType, others: DType, result: DType])[] = [
  ["f16", "f16", "f16"],
  ["bf16", "bf16", "bf16"],
  ["f16", "f32", "f16"],
  ["f32", "bf16", "f16"],
  ["f16", "bf16", "f32"],
];

/** Statistics and what is given in their stead are f32. */
const ALWAYS_F32 = [
  "runningMean",
  "runningVar",
  "mean",
  "rstd",
  "variance",
  "alpha",
  "offset",
  "r",
  "d",
];

/** Statistics are contiguous f32, and so is what arrives at them. */
export const isStatistic = (name: string, { forward }: Operation) =>
  ALWAYS_F32.includes(name) || (forward?.kind === "reduction" && name !== "x");

const NAMES = [
  ...["weight", "bias", "threshold", "residual", "residualBias", "scale", "shift"],
  ...["slope", "gate", "skip", "skipGate", "residualGate"],
];

export function typesOf(x: DType, others: DType): Record<string, DType> {
  const named = NAMES.map((name) => [name, others] as const);
  return { x, dy: x, dSum: x, sum: x, ...Object.fromEntries(named) };
}

const NOTHING: CommonOptions = { options: {}, parameters: {}, types: {} };

type Class = (operation: Operation, random: Random, shape: Shape) => Partial<CommonOptions>;

const stored: Class = ({ kind }, random) => {
  if (kind === "reduction") return { types: { x: random.pick(["f16", "bf16"]) } };
  const [x, others, dtype] = random.pick(STORED);
  return { types: typesOf(x, others), options: kind === "norm" ? { dtype } : {} };
};

/** Integers, which only x may be. */
const whole: Class = ({ kind }, random) => {
  const dtype = random.pick(["f32", "f16", "bf16"] as const);
  return {
    types: { x: random.pick(INTEGERS) },
    options: kind === "norm" && random.chance(0.5) ? { dtype } : {},
  };
};

const added: Class = (_, random, shape) => ({
  parameters: { residual: random.chance(0.5) ? shape : broadcastable(random, shape) },
  options: random.chance(0.5) ? { residualOut: true } : {},
});

const active: Class = ({ name }) => ({ options: { activation: activationOf(name, 0) } });

/** The slopes of prelu, which is leakyRelu to the reference. */
const sloped: Class = (_, random, shape) => ({
  parameters: { slope: broadcastable(random, shape) },
  options: { activation: "leakyRelu" },
});

const modulated: Class = (_, random, shape) => ({
  parameters: { scale: broadcastable(random, shape), shift: broadcastable(random, shape) },
});

/** As many arrays as there can be, more than a pass can have. */
const everything: Class = ({ name }, random, shape) => ({
  parameters: {
    residual: shape,
    residualBias: shape.slice(-1),
    scale: broadcastable(random, shape),
    shift: broadcastable(random, shape),
  },
  options: { activation: activationOf(name, 1), residualOut: true },
});

const arriving: Class = (_, random, shape) => ({
  parameters: { dSum: shape, residualBias: broadcastable(random, shape) },
});

const everyGradient: Class = ({ name }, random, shape) => ({
  parameters: {
    residualBias: shape.slice(-1),
    scale: broadcastable(random, shape),
    shift: broadcastable(random, shape),
    dSum: shape,
  },
  options: { activation: activationOf(name, 1) },
});

const MASK_TYPES: readonly DType[] = ["f32", "f32", "f16", "u8", "u8", "u32"];

const masked: Class = (_, random, shape) => ({
  parameters: { mask: broadcastable(random, shape) },
  options: { fill: random.pick([0, -2.5, "keep", "apply"] as const) },
  types: { mask: random.pick(MASK_TYPES) },
});

const maskedReduction: Class = (_, random, shape) => ({
  parameters: { mask: broadcastable(random, shape) },
  types: { mask: random.pick(MASK_TYPES) },
});

/** A mask among the most arrays that there can be. */
const maskedEverything: Class = (operation, random, shape) => {
  const { parameters, ...others } = everything(operation, random, shape);
  const { options, parameters: own, types } = masked(operation, random, shape);
  return {
    parameters: { ...parameters, ...own },
    options: { ...others.options, ...options },
    types: { ...others.types, ...types },
  };
};

const maskedEveryGradient: Class = (operation, random, shape) => {
  const { parameters, ...others } = everyGradient(operation, random, shape);
  const { options, parameters: own, types } = masked(operation, random, shape);
  return {
    parameters: { ...parameters, ...own },
    options: { ...others.options, ...options },
    types: { ...others.types, ...types },
  };
};

/** A gate's activation: the operation's, or one of the usual ones. */
const gateOptions = (name: string, turn: number): Options => ({
  gateActivation: (["silu", "sigmoid", "none", activationOf(name, 2)] as const)[
    (numberOf(name) + turn) % 4
  ],
});

/** Behind the norm a gate, and a skip, often with one of its own. */
const gated: Class = ({ name }, random, shape) => ({
  parameters: {
    gate: random.chance(0.7) ? shape : broadcastable(random, shape),
    skip: random.chance(0.5) ? shape : broadcastable(random, shape),
    ...(random.chance(0.5) && { skipGate: broadcastable(random, shape) }),
  },
  options: gateOptions(name, 0),
});

/** A gate before the norm, behind a sum. */
const gatedFirst: Class = ({ name, kind }, random, shape) => ({
  parameters: {
    gate: random.chance(0.7) ? shape : broadcastable(random, shape),
    ...(kind === "norm" ? { residual: shape } : { dSum: shape }),
  },
  options: {
    ...gateOptions(name, 1),
    gateFirst: true,
    ...(kind === "norm" && random.chance(0.7) && { residualOut: true }),
  },
});

/** All gates among all other arrays, with or without a mask. */
const everyGate =
  (all: Class): Class =>
  (operation, random, shape) => {
    const { parameters, options } = all(operation, random, shape);
    const { name, kind } = operation;
    return {
      parameters: {
        ...parameters,
        ...(kind === "gradient" && { sum: shape }),
        gate: shape,
        skip: random.chance(0.5) ? shape : broadcastable(random, shape),
        skipGate: broadcastable(random, shape),
        residualGate: broadcastable(random, shape),
      },
      options: {
        ...options,
        ...gateOptions(name, 2),
        gateFirst: random.chance(0.4),
        scaleOffset: random.pick([0, 0.5]),
      },
    };
  };

/** A gate and a mask, in few enough arrays for one pass. */
const maskedGate: Class = (operation, random, shape) => {
  const { parameters, options } = masked(operation, random, shape);
  return {
    parameters: { ...parameters, gate: shape },
    options: {
      ...options,
      ...gateOptions(operation.name, 3),
      gateFirst: random.chance(0.5),
      ...(operation.kind === "norm" && random.chance(0.5) && { residualOut: true }),
    },
  };
};

const GATED_CLASSES: Readonly<Record<"norm" | "gradient", readonly Class[]>> = {
  norm: [gated, gatedFirst, everyGate(everything)],
  gradient: [gated, gatedFirst, everyGate(everyGradient)],
};
const MASKED_GATES: Readonly<Record<"norm" | "gradient", Class>> = {
  norm: everyGate(maskedEverything),
  gradient: everyGate(maskedEveryGradient),
};

const none: Class = () => ({});

export const takesMasks = ({ masks, common, forward }: Operation): boolean =>
  masks !== false && (common !== false || forward?.kind === "reduction");

function classesOf(operation: Operation): readonly Class[] {
  const { kind, forward, common } = operation;
  const isReduction = (forward?.kind ?? kind) === "reduction";
  const all = plainClassesOf(operation);
  const last = isReduction || common === false ? [] : [sloped];
  if (!takesMasks(operation)) return [...all, ...last];
  if (isReduction) return [...all, maskedReduction];
  const side = kind === "norm" ? kind : "gradient";
  const most = kind === "norm" ? maskedEverything : maskedEveryGradient;
  return [...all, masked, most, maskedGate, MASKED_GATES[side], ...last];
}

function plainClassesOf({ kind, common }: Operation): readonly Class[] {
  if (kind === "reduction") return [stored, whole];
  if (common === false) return kind === "norm" ? [stored, whole] : [none, stored];
  return kind === "norm"
    ? [added, active, modulated, everything, stored, whole, ...GATED_CLASSES.norm]
    : [none, active, modulated, arriving, everyGradient, stored, ...GATED_CLASSES.gradient];
}

const MASKED_CLASSES: readonly Class[] = [
  masked,
  maskedReduction,
  maskedEverything,
  maskedEveryGradient,
  ...Object.values(MASKED_GATES),
  maskedGate,
];

/** The numbers of the classes that have a mask. */
export const maskedClasses = (operation: Operation): number[] =>
  classesOf(operation).flatMap((one, k) => (MASKED_CLASSES.includes(one) ? [k] : []));

/** The numbers of the classes that have gates. */
export const gatedClasses = (operation: Operation): number[] =>
  classesOf(operation).flatMap((one, k) => (EVERY_GATE.includes(one) ? [k] : []));

const EVERY_GATE: readonly Class[] = [
  ...Object.values(GATED_CLASSES).flat(),
  maskedGate,
  ...Object.values(MASKED_GATES),
];

const RARE = 20;

/** The class that a seed has, or -1: most norms have no extras, since each is a shader more. */
function classOf({ name, kind }: Operation, seed: number): number {
  if (kind === "gradient") return seed;
  return seed % RARE === numberOf(name) % RARE ? Math.floor(seed / RARE) : -1;
}

export const commonOptionClasses = (operation: Operation): number[] => [
  ...classesOf(operation).keys(),
];

/** Those of the class with this number, or of the seed's. */
export function commonOptions(
  operation: Operation,
  random: Random,
  shape: Shape,
  number = classOf(operation, random.seed),
): CommonOptions {
  if (number < 0) return NOTHING;
  const classes = classesOf(operation);
  return { ...NOTHING, ...classes[number % classes.length](operation, random, shape) };
}
