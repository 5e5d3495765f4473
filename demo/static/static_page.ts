// What the page says before any script runs, and where none does: it is written into index.html, by the
// functions that write it later.

import { STATISTICS } from "../norms/statistics";
import { chosenOf, HINT, textsOf } from "../sharing/facts";
import { INITIAL } from "../state/fields";
import { settled } from "../state/settled";
import { TITLES } from "../stations/titles";
import { firstPicture } from "./first_picture";
import { leadOf } from "./leads";

const SIGNS: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", '"': "&quot;" };
const escaped = (text: string) => text.replace(/[&<"]/g, (sign) => SIGNS[sign] as string);

const links = () =>
  TITLES.map(({ id, title }) => `<a href="#at=${id}" data-station="${id}">${escaped(title)}</a>`);

const sections = () =>
  TITLES.map(
    ({ id, title, sentence }) => `
      <section id="${id}" class="station" aria-labelledby="${id}-title">
        <header>
          <h2 id="${id}-title">${escaped(title)}</h2>
          <p class="sentence">${escaped(sentence)}</p>
        </header>
        <div class="body"></div>
      </section>`,
  );

/** The parts of the page by the names that index.html has for them. */
function parts(): Readonly<Record<string, string>> {
  const state = settled(INITIAL);
  const chosen = chosenOf(state);
  const texts = {
    ...textsOf(chosen),
    lead: leadOf(state),
    where: HINT,
    equation: `y = ${STATISTICS[chosen.preset.statistic].formula}`,
  };
  return {
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, escaped(text)])),
    picture: firstPicture(chosen),
    rail: links().join("\n"),
    stations: sections().join("\n"),
  };
}

/** Fills in each {{name}}. */
export function filledIn(page: string): string {
  const all = parts();
  return page.replace(/\{\{([\w-]+)\}\}/g, (_, name: string) => {
    const part = all[name];
    if (part === undefined) throw new Error(`index.html: there is no part ${name}`);
    return part;
  });
}
