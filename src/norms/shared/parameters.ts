// Norms over axes place weight and bias along the trailing axes, or broadcast them.

import { fail, show } from "../../base/errors";
import { checkAxes, checkBroadcast, checkShape } from "../../base/shape";
import type { ArraySpec } from "../../runtime/tensor";
import { arrayOf, checkParameter } from "./checks";
import { type PlacedParameter, placeParameter } from "./placement";

/**
 * Returns the axes that `normalizedShape` covers, which may be a number for the last one, and a
 * function that places a parameter of that shape.
 */
export function checkTrailing(op: string, x: ArraySpec, normalizedShape: unknown) {
  const given = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  const shape = checkShape(op, given, "normalizedShape");
  const lead = x.shape.length - shape.length;
  if (shape.length === 0 || lead < 0 || shape.some((d, i) => d !== x.shape[lead + i])) {
    fail(op, `normalizedShape ${show(shape)}, expected the last lengths of x's ${show(x.shape)}`);
  }
  const axes = shape.map((_, k) => lead + k);
  const place = (name: string, given: unknown): PlacedParameter | undefined => {
    const spec = checkParameter(op, name, given, shape);
    return spec && placeParameter(spec, axes, x.shape.length);
  };
  return { reduced: x.shape.map((_, i) => i >= lead), place };
}

interface AxesOrTrailing {
  readonly normalizedShape?: unknown;
  readonly axes?: unknown;
}

/** Places a parameter of a norm over any axes, which are the reduced ones. */
type Place = (
  op: string,
  name: string,
  given: unknown,
  x: ArraySpec,
  reduced: readonly boolean[],
) => PlacedParameter | undefined;

/** Checks that one of `normalizedShape` and `axes` is given; with axes, `along` places parameters. */
export function checkTrailingOrAxes(
  op: string,
  x: ArraySpec,
  o: AxesOrTrailing,
  along: Place,
): ReturnType<typeof checkTrailing> {
  if ((o.normalizedShape === undefined) === (o.axes === undefined)) {
    const given = o.axes === undefined ? "neither" : "both";
    fail(op, `${given} of normalizedShape and axes, expected one of them`);
  }
  if (o.axes === undefined) return checkTrailing(op, x, o.normalizedShape);
  const reduced = checkAxes(op, o.axes as readonly number[], x.shape.length);
  return { reduced, place: (name, given) => along(op, name, given, x, reduced) };
}

/** Places a parameter of any shape that broadcasts to x's. */
export function broadcastTo(
  op: string,
  name: string,
  given: unknown,
  x: ArraySpec,
): PlacedParameter | undefined {
  if (given === undefined || given === null) return undefined;
  const spec = arrayOf(op, name, given, x.shape);
  const lead = checkBroadcast(op, name, spec.shape, x.shape);
  const axes = spec.shape.map((_, k) => lead + k);
  return placeParameter(spec, axes, x.shape.length);
}
