// The words beside the sheet: the norm, its sets, one cell's numbers in its formula, the code, and
// who computed it.

import { byId } from "../base/dom";
import { codeOf } from "../norms/code";
import { FREE, type NormId } from "../norms/presets";
import { STATISTICS } from "../norms/statistics";
import { factsOf, type SheetModel } from "../sheet/model";

const count = (value: number) => value.toLocaleString("en");

/** Shows a number with enough digits for its size, in a constant width. */
export function digits(value: number): string {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toFixed(3);
  return text.replace("-", "−");
}

export function setsText({ shared, preset }: SheetModel): string {
  if (preset.window) return `every value has a set of up to ${preset.window}`;
  if (!shared.disjoint) return "no set: every value alone";
  const { count: sets, size } = shared;
  return `${count(sets)} ${sets === 1 ? "set" : "sets"} of ${count(size)} ${size === 1 ? "value" : "values"}`;
}

/** The name of the norm, or what its parts make of it. */
export function nameOf(norm: NormId, { preset, partition, input }: SheetModel): string {
  const [n, c] = input.shape;
  if (norm === "group" && partition.groups === 1) return "GroupNorm, 1 group: LayerNorm";
  if (norm === "group" && partition.groups === c) return `GroupNorm, ${c} groups: InstanceNorm`;
  if (norm === "group") return `GroupNorm, ${partition.groups} groups`;
  if (norm === "ghost") return `BatchNorm in ghost batches of ${n / partition.split}`;
  return preset.label;
}

export function showNorm(norm: NormId, model: SheetModel): void {
  const { preset, partition, input } = model;
  byId("norm-name").textContent = nameOf(norm, model);
  byId("norm-sets").textContent = setsText(model);
  byId("about").textContent =
    norm === FREE && partition.axes.length === 0
      ? "No axis is averaged over: each value is its own mean, and nothing is left."
      : preset.about;
  byId("code").textContent = codeOf(norm, input.shape, partition);
}

export function showBy({ outcome, preset }: SheetModel, adapter: string): void {
  const { by, error, milliseconds } = outcome;
  byId("by").textContent =
    by === "float64"
      ? "Computed in float64, without a GPU."
      : `Computed by ${preset.operation} on ${adapter} in ${(milliseconds ?? 0).toFixed(0)} ms with reading. ` +
        `Largest difference to float64: ${(error ?? 0).toExponential(0)}.`;
}

export function cellText(model: SheetModel, index: number): readonly [string, string] {
  const { preset, input, shared } = model;
  const { formula, words, names } = STATISTICS[preset.statistic];
  if (index < 0) return ["Point at a value, or use the arrow keys.", `y = ${formula}`];
  const { cell, x, y, a, b } = factsOf(model, index);
  const [n, c, h, w] = cell;
  const others =
    shared.disjoint || preset.window ? `, one of ${count(shared.size)} that share` : "";
  const where = `${input.examples[n]}, ${input.channels[c]}, row ${h}, column ${w}${others}`;
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
