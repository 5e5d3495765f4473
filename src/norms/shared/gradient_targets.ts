// The caller may have tensors for gradients, which are written or added to.

import { checkFloat, DTYPES } from "../../base/dtype";
import { fail, show } from "../../base/errors";
import { ANY, FLAG, type OptionTable } from "../../base/options";
import { isContiguous, sizeOf } from "../../base/shape";
import type { OutputSpec } from "../../runtime/call";
import { type ArraySpec, Tensor } from "../../runtime/tensor";
import { checkTarget } from "./checks";
import type { BackwardOptions, GradientName } from "./options";

/** Targets are the caller's tensors for gradients, by name. */
export interface Targets {
  readonly out: { readonly [K in GradientName]?: Tensor | true | undefined };
  readonly adds: boolean; // gradients are added to the values there
}

const NO_TARGETS: Targets = { out: {}, adds: false };

/** A composed backward takes these: which gradients it computes, and where they go. */
export type TargetOptions = Pick<BackwardOptions, "gradients" | "out" | "accumulate">;

export const TARGET_OPTIONS: OptionTable<TargetOptions> = {
  gradients: ANY,
  out: ANY,
  accumulate: FLAG,
};

/** Checks the names of the tensors for gradients. A tensor alone is for dx. */
export function checkTargets(
  op: string,
  { out, accumulate: adds = false }: TargetOptions,
  wanted: ReadonlySet<GradientName>,
): Targets {
  if ((out === undefined || out === null) && !adds) return NO_TARGETS;
  const known = [...wanted].join(", ");
  if (out === undefined || out === null) {
    return fail(op, `out is missing, expected tensors to accumulate into, some of ${known}`);
  }
  const given = out instanceof Tensor || out === true ? { dx: out } : out;
  const names = typeof given === "object" ? (Object.keys(given) as GradientName[]) : [];
  if (names.length === 0) fail(op, `out is ${show(out)}, expected tensors by name: ${known}`);
  const unknown = names.filter((name) => !wanted.has(name));
  if (unknown.length > 0) fail(op, `out has ${unknown.join(", ")}, expected some of ${known}`);
  return { out: given, adds };
}

/** Describes a gradient as an output, in the caller's tensor if there is one. */
export function gradientOutput(
  op: string,
  { out: given, adds }: Targets,
  name: GradientName,
  { shape, dtype }: ArraySpec,
): OutputSpec {
  checkFloat(op, dtype, `out.${name} has dtype`);
  const out = checkTarget(op, given[name], shape, dtype, `out.${name}`);
  return { shape, dtype, out, adds: adds && out !== undefined };
}

/** Checks that a gradient that is a sum of no elements can be cleared as words of its buffer. */
export function checkClearable(op: string, name: string, { out, adds }: OutputSpec): void {
  if (!out || adds) return;
  const { shape, strides, offset, dtype } = out;
  const ends = [offset, sizeOf(shape)].map((elements) => elements * DTYPES[dtype].bytes);
  if (isContiguous(shape, strides) && ends.every((bytes) => bytes % 4 === 0)) return;
  const expected = "expected a contiguous one of whole words of 4 bytes";
  fail(op, `x has no elements and out.${name} has strides ${show(strides)}, ${expected}`);
}
