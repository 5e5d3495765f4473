// Four keys choose the axes that are averaged over; below them is every norm of the library.

import { html } from "../base/dom";
import { AXES, type Axis } from "../base/shape";
import { FAMILIES, type FamilyId, type NormId, named, PRESET_IDS, PRESETS } from "../norms/presets";
import type { State } from "../state/fields";
import { picked } from "../state/settled";
import type { Store } from "../state/store";

const AXIS_NAMES: Readonly<Record<Axis, string>> = {
  N: "examples",
  C: "channels",
  H: "rows",
  W: "columns",
};

export function bindKeys(keys: HTMLElement, families: HTMLElement, store: Store): void {
  const axisButtons = AXES.map((axis) => {
    const name = html("small", {}, AXIS_NAMES[axis]);
    const button = html("button", { type: "button", "data-axis": axis }, axis, name);
    button.addEventListener("click", () => toggleAxis(store, axis));
    return [axis, button] as const;
  });
  keys.append(...axisButtons.map(([, button]) => button));

  const normButtons = PRESET_IDS.map((id) => {
    const button = html("button", { type: "button" }, PRESETS[id].label);
    button.addEventListener("click", () => store.set(picked(id), "choice"));
    return [id, button] as const;
  });
  for (const [family, label] of Object.entries(FAMILIES) as [FamilyId, string][]) {
    const own = normButtons.filter(([id]) => PRESETS[id].family === family);
    families.append(
      html("fieldset", { class: "family" }, html("legend", {}, label), ...own.map(([, b]) => b)),
    );
  }

  const show = ({ axes, norm }: State) => {
    for (const [axis, button] of axisButtons) press(button, axes.includes(axis));
    for (const [id, button] of normButtons) press(button, id === norm);
  };
  show(store.state());
  store.watch(({ state }) => show(state));
}

const press = (button: HTMLElement, isPressed: boolean) =>
  button.setAttribute("aria-pressed", String(isPressed));

/** Adds an axis to those that are averaged over, or takes it away, and finds the norm's name. */
export function toggleAxis(store: Store, axis: Axis): void {
  const { axes: before } = store.state();
  const axes = AXES.filter((one) => before.includes(one) !== (one === axis));
  const norm: NormId = named(axes);
  store.set({ ...picked(norm), axes }, "choice");
}
