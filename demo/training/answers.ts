// What each network answers: its digit, and how sure it is.

import { html } from "../base/dom";
import type { PerNetwork } from "../experiment/experiment";
import { labelOf } from "../experiment/kinds";
import type { Spec } from "../experiment/spec";

export interface Answers {
  readonly root: HTMLElement;
  /** Shows the probabilities of each kind's first network. */
  show(spec: Spec, answers: PerNetwork<readonly number[]>): void;
  /** What is shown, for screen readers. */
  text(): string;
}

export function createAnswers(): Answers {
  const root = html("div", { class: "answers" });
  let told = "";
  return {
    root,
    show({ kinds }, answers) {
      const rows = kinds.map((kind, k) => {
        const shares = answers[k]?.[0] ?? [];
        const best = shares.indexOf(Math.max(...shares));
        const sure = shares[best] ?? 0;
        const bars = shares.map((share, digit) => {
          const bar = html("i", {
            class: digit === best ? "bar best" : "bar",
            title: String(digit),
          });
          bar.style.setProperty("--share", String(share));
          return bar;
        });
        return { name: labelOf(kind), best, sure, bars };
      });
      root.replaceChildren(
        ...rows.flatMap(({ name, best, sure, bars }) => [
          html("span", { class: "label" }, name),
          html("strong", {}, String(best)),
          html("span", { class: "bars10", "aria-hidden": "true" }, ...bars),
          html("span", { class: "number" }, `${(100 * sure).toFixed(0)} %`),
        ]),
      );
      told = rows
        .map(({ name, best, sure }) => `${name}: ${best}, ${(100 * sure).toFixed(0)} %`)
        .join("; ");
    },
    text: () => told,
  };
}
