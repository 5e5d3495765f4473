// The code of a page of docs/ is what the tests run, as it stands there.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";

export interface DocCode {
  /** What follows the fence: js, html, or js with a word. */
  readonly kind: string;
  /** The name in a comment of the first line. */
  readonly file: string;
  readonly code: string;
}

/** The blocks below a heading, up to the next one of any level. */
export function codeOf(page: string, heading: string): DocCode[] {
  const text = readFileSync(join(root, page), "utf8");
  const sections = text.split(/^#+ /m); // a comment of the shell's begins a section, too, without harm
  const section = sections.find((one) => one.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page} has no heading ${heading}`);
  return [...section.matchAll(/^```([^\n]+)\n(.*?)^```$/gms)].map(([, kind = "", code = ""]) => {
    const file = /^(?:\/\/|<!--) (\w+\.\w+)/.exec(code)?.[1] ?? "";
    return { kind, file, code };
  });
}
