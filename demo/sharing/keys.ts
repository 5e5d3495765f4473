// Four keys choose the axes that are averaged over; below them is every norm of the library.

import { html } from "../base/dom";
import { AXES, type Axis } from "../base/shape";
import {
  FAMILIES,
  type FamilyId,
  named,
  PRESET_IDS,
  PRESETS,
  presetOf,
  presetsIn,
  type ViewId,
} from "../norms/presets";
import type { State } from "../state/fields";
import { picked } from "../state/settled";
import type { Store } from "../state/store";

type AxisName = readonly [letter: string, name: string];

/** The letters and names of the axes that a view has. */
const AXIS_NAMES: Readonly<Record<ViewId, Partial<Record<Axis, AxisName>>>> = {
  images: {
    ...{ N: ["N", "examples"], C: ["C", "channels"] },
    ...{ H: ["H", "rows"], W: ["W", "columns"] },
  },
  tokens: { N: ["B", "sentences"], H: ["T", "tokens"], W: ["C", "features"] },
};

/** The axis that a letter names in a view. */
export function axisOf(view: ViewId, letter: string): Axis | undefined {
  return AXES.find((axis) => AXIS_NAMES[view][axis]?.[0] === letter.toUpperCase());
}

export function bindKeys(keys: HTMLElement, families: HTMLElement, store: Store): void {
  const axisButtons = AXES.map((axis) => {
    const button = html("button", { type: "button", "data-axis": axis });
    button.addEventListener("click", () => toggleAxis(store, axis));
    return [axis, button] as const;
  });
  keys.append(...axisButtons.map(([, button]) => button));

  const normButtons = PRESET_IDS.map((id) => {
    const button = html("button", { type: "button" });
    button.addEventListener("click", () => store.set(picked(id, store.state().view), "choice"));
    return [id, button] as const;
  });
  const groups = (Object.entries(FAMILIES) as [FamilyId, string][]).map(([family, label]) => {
    const own = normButtons.filter(([id]) => PRESETS[id].family === family);
    const legend = html("legend", {}, label);
    const set = html("fieldset", { class: "family" }, legend, ...own.map(([, button]) => button));
    return { set, own };
  });
  families.append(...groups.map(({ set }) => set));

  const show = ({ axes, norm, view }: State) => {
    for (const [axis, button] of axisButtons) {
      const name = AXIS_NAMES[view][axis];
      button.hidden = name === undefined;
      if (name) button.replaceChildren(name[0], html("small", {}, name[1]));
      press(button, axes.includes(axis));
    }
    const there = presetsIn(view);
    for (const [id, button] of normButtons) {
      button.hidden = !there.includes(id);
      button.textContent = presetOf(id, view).label;
      press(button, id === norm);
    }
    for (const { set, own } of groups) set.hidden = own.every(([, button]) => button.hidden);
  };
  show(store.state());
  store.watch(({ state }) => show(state));
}

const press = (button: HTMLElement, isPressed: boolean) =>
  button.setAttribute("aria-pressed", String(isPressed));

/** Adds an axis to those that are averaged over, or takes it away, and finds the norm's name. */
export function toggleAxis(store: Store, axis: Axis): void {
  const { axes: before, view } = store.state();
  const axes = AXES.filter((one) => before.includes(one) !== (one === axis));
  const norm = named(axes, view);
  store.set({ ...picked(norm, view), axes }, "choice");
}
