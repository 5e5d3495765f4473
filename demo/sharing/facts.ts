// The words beside the sheet: the norm, its sets, one cell's numbers in its formula, the code, and
// who computed it.

import { byId } from "../base/dom";
import { whole } from "../base/format";
import type { Shape4 } from "../base/shape";
import { codeOf } from "../norms/code";
import type { Partition } from "../norms/partition";
import { FREE, type NormId, type Preset, presetOf, type ViewId } from "../norms/presets";
import { sharedSets } from "../norms/sets";
import { STATISTICS } from "../norms/statistics";
import { factsOf, type SheetModel } from "../sheet/model";
import { shapeOf } from "../sources/shapes";
import type { State } from "../state/fields";

/** Shows a number with enough digits for its size, in a constant width. */
function digits(value: number): string {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toFixed(3);
  return text.replace("-", "−");
}

/** What can be said of a norm before anything is computed. */
export interface Chosen {
  readonly norm: NormId;
  readonly view: ViewId;
  readonly preset: Preset;
  readonly partition: Partition;
  readonly shape: Shape4;
}

export function chosenOf(state: State, shape: Shape4 = shapeOf(state)): Chosen {
  const { norm, view, axes, groups, split } = state;
  return { norm, view, preset: presetOf(norm, view), partition: { axes, groups, split }, shape };
}

function setsText({ preset, partition, shape }: Chosen): string {
  if (preset.window) return `every value has a set of up to ${preset.window}`;
  const { disjoint, count: sets, size } = sharedSets(shape, preset, partition);
  if (!disjoint) return "no set: every value alone";
  return `${counted(sets, "set")} of ${counted(size, "value")}`;
}

const counted = (number: number, noun: string) =>
  `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;

/** The name of the norm, or what its parts make of it. */
function nameOf({ norm, view, preset, partition, shape }: Chosen): string {
  const [n, c] = shape;
  if (norm === "batch" && view === "images" && n === 1) return "BatchNorm, 1 example: InstanceNorm";
  if (norm === "group" && partition.groups === 1) return "GroupNorm, 1 group: LayerNorm";
  if (norm === "group" && partition.groups === c) return `GroupNorm, ${c} groups: InstanceNorm`;
  if (norm === "group") return `GroupNorm, ${partition.groups} groups`;
  if (norm === "ghost") return `BatchNorm in ghost batches of ${n / partition.split}`;
  return preset.label;
}

/** What the page writes of a norm, by the id of its element. */
export function textsOf(chosen: Chosen): Readonly<Record<string, string>> {
  const { norm, view, preset, partition, shape } = chosen;
  const isNothing = norm === FREE && partition.axes.length === 0;
  return {
    "norm-name": nameOf(chosen),
    "norm-sets": setsText(chosen),
    about: isNothing
      ? "No axis is averaged over: each value is its own mean, and nothing is left."
      : preset.about,
    code: codeOf(view, norm, shape, partition),
  };
}

export function showNorm(chosen: Chosen): void {
  for (const [id, text] of Object.entries(textsOf(chosen))) byId(id).textContent = text;
}

export const description = (chosen: Chosen): string =>
  `${nameOf(chosen)}: ${setsText(chosen)}. ${chosen.preset.about}`;

/** Says who computed the result; an answer in float64 may be there before that of the GPU. */
export function showBy({ outcome, preset }: SheetModel, adapter: string, isAwaited: boolean): void {
  const { by, error = 0, milliseconds = 0 } = outcome;
  const inFloat64 = isAwaited
    ? "In float64, until the GPU answers."
    : "Computed in float64, without a GPU.";
  byId("by").textContent =
    by === "float64"
      ? inFloat64
      : `Computed by ${preset.operation} on ${adapter} in ${milliseconds.toFixed(0)} ms with reading. ` +
        `Largest difference to float64: ${error.toExponential(0)}.`;
}

export const HINT = "Point at a value, or use the arrow keys.";

function cellText(model: SheetModel, index: number): readonly [string, string] {
  const { preset, input, shared } = model;
  const { formula, words, names } = STATISTICS[preset.statistic];
  if (index < 0) return [HINT, `y = ${formula}`];
  const { cell, x, y, a, b } = factsOf(model, index);
  const others =
    shared.disjoint || preset.window ? `, one of ${whole(shared.size)} that share` : "";
  const where = `${input.placeOf(cell)}${others}`;
  const told = [
    names[0] && `${names[0]} ${digits(a)}`,
    names[1] && `${names[1]} ${digits(b)}`,
  ].filter(Boolean);
  const negative = (value: number) => (value < 0 ? `(${digits(value)})` : digits(value));
  const equation = `${words(digits(x), negative(a), negative(b))} = ${digits(y)}`;
  return [`${where}: ${told.join(", ")}`, equation];
}

export function showCell(model: SheetModel, index: number): void {
  const [where, equation] = cellText(model, index);
  byId("where").textContent = where;
  byId("equation").textContent = equation;
}
