// The card over the first screen: the chosen norm as code in three worlds, and the link to it.

import { codeList, copyButton } from "../base/code_list";
import { html } from "../base/dom";
import { codesOf } from "../norms/code_elsewhere";
import type { Store } from "../state/store";
import { chosenOf } from "./facts";

export function fillCard(card: HTMLElement, store: Store, say: (text: string) => void): void {
  const { view, norm, shape, partition } = chosenOf(store.state());
  const codes = codesOf(view, norm, shape, partition);
  const code = codes[0]?.[1] as string;
  const close = html("button", { type: "button", class: "pill" }, "Close");
  close.addEventListener("click", () => card.hidePopover());
  card.replaceChildren(
    codeList(codes),
    html(
      "div",
      { class: "pills" },
      copyButton(
        "Copy the code",
        () => `import { ${nameIn(code)} } from "webgpu-norm";\n\nconst y = ${code};\n`,
        say,
      ),
      copyButton("Copy the link", () => new URL(store.link(), location.href).href, say),
      close,
    ),
  );
}

/** The function that a call calls. */
const nameIn = (code: string): string => /(\w+)\(/.exec(code)?.[1] ?? "";
