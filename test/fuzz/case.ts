// A case of the fuzzer is a problem with the layout of its arrays, the kind of device that is
// planned for and what is forced on the plan, all but the values. It is plain data, so that it can be
// made smaller part by part.

import type { DType } from "../../src/index";
import type { DeviceProfile } from "../../src/plan/device_profile";
import type { PlanOverrides } from "../../src/plan/overrides";
import { type Activation, activations } from "../support/activations";
import { isStatistic } from "../support/common_options";
import { randomShape } from "../support/make_problems";
import { rows } from "../support/operations";
import type { Placing } from "../support/placement";
import { hasStats, type Operation, type Options, type Shape } from "../support/problem";
import { Random } from "../support/random";
import { broadcastable } from "../support/random_options";

export interface Case {
  /** The seed lays out the arrays. */
  readonly seed: number;
  /** An operation's name in the table, with "Backward" for its gradient. */
  readonly operation: string;
  readonly shape: Shape;
  readonly options: Options;
  /** The other arrays. */
  readonly arrays: Readonly<Record<string, Shape>>;
  /** A gradient gets the statistics that the forward saved. */
  readonly saved: boolean;
  /** Of the arrays that are not f32. */
  readonly types: Readonly<Record<string, DType>>;
  /** Of the arrays that do not lie in a buffer of the library's; "out" is that of the result. */
  readonly placings: Readonly<Record<string, Placing | "x">>;
  readonly profile: Partial<DeviceProfile>;
  readonly overrides: PlanOverrides;
}

const MOST_RANK = 8;

/** Kinds of devices; the last ones bind arrays in parts. */
const PROFILES: readonly Partial<DeviceProfile>[] = [
  {},
  {},
  { kind: "cpu" },
  { kind: "gpu" },
  { kind: "gpu", workgroup: 64, workgroups: 4, software: false },
  { kind: "gpu", workgroup: 32, wideWorkgroup: 128, workgroups: 16 },
  { kind: "gpu", registerVectors: 0, software: false },
  { kind: "gpu", minSliceVectors: 1, workgroups: 64, deferInnerBelow: 4 },
  { kind: "gpu", vectorsPerInvocation: 1, elementwiseVectors: 1 },
  { kind: "gpu", subgroups: true },
  { kind: "gpu", f16: false },
  { kind: "gpu", maxBindingBytes: 4096 },
  { kind: "cpu", maxBindingBytes: 8192 },
];

const DTYPES = ["f32", "f16", "bf16"] as const;
const PLACINGS: readonly Placing[] = ["offset", "permuted", "padded", "strided", "repeated"];
const ACTIVATIONS = Object.keys(activations) as Activation[];

/** The operation over shapes of any rank. */
export function operationOf(name: string): Operation {
  const found = rows.find((row) => row.name === name);
  if (!found) throw new Error(`fuzz: there is no operation ${name}`);
  return { ...found, ranks: [found.ranks[0], MOST_RANK], completed: undefined };
}

/** Everything is drawn by the seed alone. */
export function randomCase(seed: number): Case {
  const random = new Random(seed);
  for (;;) {
    const operation = operationOf(random.pick(rows).name);
    const shape = randomShape(operation, random);
    const { options, arrays } = called(operation, shape, random);
    if (operation.valid?.(shape, options, arrays) === false) continue;
    const types = random.chance(0.5) ? {} : randomTypes(operation, Object.keys(arrays), random);
    return {
      seed,
      operation: operation.name,
      shape,
      options,
      arrays,
      saved: operation.kind === "gradient" && random.chance(0.5),
      types,
      placings: randomPlacings(operation, arrays, random),
      profile: random.pick(PROFILES),
      overrides: random.chance(0.5) ? {} : randomOverrides(random),
    };
  }
}

/** Options and arrays: the operation's own, and some of those that all norms have. */
function called(operation: Operation, shape: Shape, random: Random) {
  const options = operation.options(random, shape);
  const parameters = operation.parameters(random, shape, options);
  const tracked = random.chance(0.6); // both running statistics or neither
  const taken = Object.keys(parameters).filter((name) => {
    if (operation.needs?.includes(name)) return true;
    return name.startsWith("running") ? tracked : random.chance(0.6);
  });
  const { kind, common } = operation;
  const shares = common !== false && kind !== "reduction";
  const shared = shares ? sharedArrays(kind, shape, random) : {};
  const arrays = Object.fromEntries(taken.map((name) => [name, parameters[name]]));
  const more: Options = {
    ...(hasStats(operation) && random.chance(0.5) && { stats: true }),
    ...(kind === "norm" && random.chance(0.3) && { dtype: random.pick(DTYPES) }),
    ...(shares && kind === "gradient" && random.chance(0.3) && { dtype: random.pick(DTYPES) }),
    ...(shares && random.chance(0.3) && { activation: random.pick(ACTIVATIONS) }),
    ...("residual" in shared && random.chance(0.5) && { residualOut: true }),
  };
  return { options: { ...options, ...more }, arrays: { ...arrays, ...shared } };
}

function sharedArrays(kind: Operation["kind"], shape: Shape, random: Random) {
  const all: Record<string, Shape> = {
    residualBias: broadcastable(random, shape),
    scale: broadcastable(random, shape),
    shift: broadcastable(random, shape),
    ...(kind === "norm" && { residual: random.chance(0.5) ? shape : broadcastable(random, shape) }),
    ...(kind === "gradient" && { dSum: shape }),
  };
  return Object.fromEntries(Object.entries(all).filter(() => random.chance(0.25)));
}

function randomTypes(
  operation: Operation,
  names: readonly string[],
  random: Random,
): Record<string, DType> {
  const free = ["x", ...names].filter((name) => !isStatistic(name, operation));
  const drawn = free.map((name) => [name, random.pick(DTYPES)] as const);
  return Object.fromEntries(drawn.filter(([, dtype]) => dtype !== "f32"));
}

/** Most arrays lie among sentinels. Statistics are dense. */
function randomPlacings(operation: Operation, arrays: object, random: Random): Case["placings"] {
  const { kind, name, inPlace = kind === "norm" } = operation;
  const inputs = ["x", ...Object.keys(arrays)].flatMap((array): [string, Placing][] => {
    if (random.chance(0.2)) return [];
    return [[array, isStatistic(array, operation) ? "offset" : random.pick(PLACINGS)]];
  });
  const results = inPlace ? (["x", "x", ...PLACINGS] as const) : PLACINGS;
  const own = kind === "gradient" || name === "moments" || random.chance(0.5);
  const out = own ? [] : [["out", random.pick(results.filter((p) => p !== "repeated"))] as const];
  return Object.fromEntries([...inputs, ...out]);
}

function randomOverrides(random: Random): PlanOverrides {
  const all: PlanOverrides = {
    split: random.pick([true, false]),
    columns: random.pick([true, false]),
    vectorWidth: random.pick([1, 4]),
    team: random.pick([1, 2, 8, 16, 64, 256]),
    inRegisters: random.pick([true, false]),
    slices: random.pick([1, 2, 3, 7, 1000]),
    deferInner: random.pick([true, false]),
    fuseParameterGradients: random.pick([true, false]),
    nativeF16: false,
    subgroups: random.pick([true, false]),
  };
  return Object.fromEntries(Object.entries(all).filter(() => random.chance(0.3)));
}

/** As it can be read, and repeated. */
export function describe({ seed: _, ...parts }: Case): string {
  const told = Object.entries(parts).filter(([, part]) => {
    return typeof part === "object" ? Object.keys(part).length > 0 : part !== false;
  });
  return JSON.stringify(Object.fromEntries(told), (_key, value) =>
    value === Number.POSITIVE_INFINITY ? "Infinity" : value,
  );
}
