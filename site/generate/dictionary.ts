// The rows of docs/operators.md: which call has the meaning of an operator elsewhere.

import { OPERATION_NAMES } from "../operations";
import { rowsOf } from "./markdown";
import { textOf } from "./repository";

export const DICTIONARY = "docs/operators.md";

export interface Entry {
  /** ONNX, PyTorch, ... */
  readonly library: string;
  /** What it is called there; several names with commas between. */
  readonly operator: string;
  /** The cell of the calls, as Markdown. */
  readonly calls: string;
  /** The operations in it, in order. */
  readonly operations: readonly string[];
}

const names = OPERATION_NAMES as readonly string[];

function operationsIn(cell: string): string[] {
  const found = [...cell.matchAll(/`(\w+)/g)].map(([, name = ""]) => name.replace(/Backward$/, ""));
  return [...new Set(found.filter((name) => names.includes(name)))];
}

/** All entries, in the order of the page. */
export function dictionary(): Entry[] {
  const [, ...sections] = textOf(DICTIONARY).split(/^##+ /m);
  return sections.flatMap((section) => {
    const library = section.split("\n", 1)[0] ?? "";
    if (library === "Conventions") return [];
    return rowsOf(section).map((cells) => {
      const calls = cells.at(-1) ?? "";
      return {
        library,
        operator: (cells[0] ?? "").replace(" ✓", ""),
        calls,
        operations: operationsIn(calls),
      };
    });
  });
}
