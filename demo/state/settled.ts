// A state from a link may say what does not fit together: groups that do not divide the channels, a
// preset with other axes. This file makes it whole.

import { sizeOf } from "../base/shape";
import { nearestDivisor } from "../norms/partition";
import { FREE, type NormId, normIn, presetOf, type ViewId } from "../norms/presets";
import { EXAMPLES, shapeOf } from "../sources/shapes";
import { broughtBy, type State } from "./fields";

export function settled(state: State): State {
  const norm = normIn(state.view, state.norm);
  const preset = presetOf(norm, state.view);
  const isWhole = Number.isInteger(state.examples / (preset.workers ?? 1));
  const examples = isWhole ? state.examples : EXAMPLES; // machines share the batch
  const shape = shapeOf({ ...state, examples });
  const [n, c] = shape;
  const axes = norm === FREE ? state.axes : preset.axes;
  const cell = Math.round(state.cell);
  return {
    ...state,
    norm,
    examples,
    axes,
    groups: preset.groups ? nearestDivisor(c, state.groups) : 1,
    split: preset.split ? nearestDivisor(n, state.split) : 1,
    cell: cell < sizeOf(shape) ? cell : -1,
  };
}

/** The state's change when a visitor picks a norm. */
export const picked = (norm: NormId, view: ViewId): Partial<State> => ({
  norm,
  ...broughtBy(norm, view),
});
