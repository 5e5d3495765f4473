// Code to look at, and to take away.

import { html } from "./dom";

/** Names and pieces of code, one below the other. */
export function codeList(entries: readonly (readonly [name: string, code: string])[]): HTMLElement {
  return html(
    "dl",
    { class: "code-list" },
    ...entries.flatMap(([name, code]) => [
      html("dt", {}, name),
      html("dd", {}, html("code", {}, code)),
    ]),
  );
}

/** A button that copies a text, and says so. */
export function copyButton(
  label: string,
  text: () => string,
  say: (said: string) => void,
): HTMLButtonElement {
  const button = html("button", { type: "button", class: "pill" }, label);
  const tell = (said: string) => {
    button.textContent = said;
    say(said);
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  };
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(text()).then(
      () => tell("Copied"),
      () => tell("The browser does not allow to copy here"),
    );
  });
  return button;
}
