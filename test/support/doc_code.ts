// The code of a page of docs/ is what the tests run, as it stands there.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";
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

type Nodes = ReturnType<typeof parseAst>["body"];

/** The names of declarations outside of functions. */
function declared(nodes: Nodes): string[] {
  const declarations = nodes.flatMap((node) =>
    node.type === "VariableDeclaration" ? node.declarations : [],
  );
  return declarations.flatMap(({ id }) => {
    if (id.type === "Identifier") return [id.name];
    if (id.type !== "ObjectPattern") throw new Error(`${id.type} in a recipe, expected names`);
    return id.properties.map((property) => {
      if (property.type === "Property" && property.value.type === "Identifier") {
        return property.value.name;
      }
      throw new Error("a pattern in a recipe, expected names");
    });
  });
}

/**
 * A module whose function runs the code, with names from outside, and returns all that it declares.
 * `packages` says where the imports are.
 */
export function functionOf(
  code: string,
  given: string,
  packages: Readonly<Record<string, string>>,
): string {
  const { body } = parseAst(code);
  const text = ({ start, end }: { start: number; end: number }) => code.slice(start, end);
  const imports = body
    .filter((node) => node.type === "ImportDeclaration")
    .map((node) => {
      const { value } = node.source;
      return text(node).replace(JSON.stringify(value), JSON.stringify(packages[value] ?? value));
    });
  const rest = body.filter((node) => node.type !== "ImportDeclaration");
  return `${imports.join("\n")}
export default async function recipe({ ${given} }) {
${rest.map(text).join("\n")}
return { ${declared(body).join(", ")} };
}`;
}
