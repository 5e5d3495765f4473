// The values of a case: ordinary ones, or of a class of difficult ones in one of the arrays.

import type { DType } from "../../src/index";
import type { Values } from "../support/arrays";
import type { Inputs, Operation } from "../support/problem";
import type { Random } from "../support/random";

/** Most values are ordinary, offsets up to 1e4 among them. */
const CLASSES = ["ordinary", "constant", "zeros", "tiny", "huge", "subnormal"] as const;
type ValueClass = (typeof CLASSES)[number];

/** Arrays that may hold anything. */
const FREE = ["x", "dy", "residual", "bias", "shift"];

/** What a type can hold: squares and cubes of these are numbers, too. */
const SCALES: Record<DType, Record<"tiny" | "huge" | "subnormal", number>> = {
  f32: { tiny: 1e-10, huge: 1e10, subnormal: 1e-40 },
  f16: { tiny: 1e-4, huge: 1e2, subnormal: 1e-6 },
  bf16: { tiny: 1e-10, huge: 1e10, subnormal: 1e-40 },
  u8: { tiny: 1, huge: 200, subnormal: 0 },
  i8: { tiny: 1, huge: 100, subnormal: 0 },
  u16: { tiny: 1, huge: 60000, subnormal: 0 },
  u32: { tiny: 1, huge: 60000, subnormal: 0 },
};

export interface Drawn {
  readonly array: string;
  readonly kind: ValueClass;
}

/** The first values of a structure are ordinary, and half of the others. */
export function drawClass(
  inputs: Inputs,
  number: number,
  { unguarded }: Operation,
  random: Random,
): Drawn {
  const array = random.pick(FREE.filter((name) => name in inputs));
  const squared = unguarded && array === "x"; // squares of subnormals are 0, and x is divided by that
  const kinds = squared ? CLASSES.filter((kind) => kind !== "subnormal") : CLASSES;
  const kind = number === 0 || random.chance(0.5) ? "ordinary" : random.pick(kinds);
  return { array, kind };
}

/** Changes the array to values of the class. */
export function distort({ data }: Values, kind: ValueClass, dtype: DType): void {
  if (kind === "ordinary") return;
  if (kind === "zeros") data.fill(0);
  else if (kind === "constant") data.fill(data[0]);
  else data.set(data.map((v) => Math.fround(v * SCALES[dtype][kind])));
}
