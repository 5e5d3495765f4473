// This file finds the declarations of a shader file, and the names that it uses without declaring
// them. The parser knows as much of WGSL as the files here use; wgsl_reflect refuses some of them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lean } from "../../scripts/lib/minify_wgsl";
import { isOfWgsl } from "./wgsl_words";

export interface ParsedShader {
  /** The path below shaders/ without its ending: "reduce/team/alone". */
  readonly name: string;
  readonly text: string;
  /** What it declares, by name: "fn magnitude(Vec) -> Vec", "const LARGEST", "struct Job". */
  readonly declarations: ReadonlyMap<string, string>;
  /** The names that it uses and neither declares nor has from WGSL. */
  readonly uses: ReadonlySet<string>;
}

const TOKEN = /[A-Za-z_]\w*|0x[\da-fA-F]+[iu]?|[\d.]*\d[\d.]*(?:e[-+]?\d+)?[iufh]?|->|[^\s\w]/g;
const WORD = /^[A-Za-z_]/;
const MODULE = new Set(["fn", "struct", "alias", "const", "override", "var"]);
const LOCAL = new Set(["let", "var", "const"]);

/** Comments are left out by the build's minifier. */
const tokensOf = (text: string): string[] => lean(text).match(TOKEN) ?? [];

/** The position after the bracket that closes the one at `open`. */
function closing(tokens: readonly string[], open: number): number {
  const pairs: Record<string, string> = { "(": ")", "{": "}", "<": ">" };
  const [opens, closes] = [tokens[open], pairs[tokens[open]]];
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i] === opens) depth++;
    if (tokens[i] === closes && --depth === 0) return i + 1;
  }
  return tokens.length;
}

/** The types of parameters, "Cursor, Job": names and attributes say nothing to a caller. */
function parameterTypes(tokens: readonly string[]): string {
  let depth = 0;
  let type: string[] | null = null;
  const types: string[] = [];
  for (const token of [...tokens, ","]) {
    if ("(<".includes(token)) depth++;
    if (")>".includes(token)) depth--;
    if (token === "," && depth === 0) {
      if (type) types.push(type.join(""));
      type = null;
    } else if (token === ":" && depth === 0) type = [];
    else type?.push(token);
  }
  return types.join(", ");
}

interface Declaration {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
  /** All of it: from its word to its end, exclusively. */
  readonly tokens: readonly string[];
}

/** The declaration that begins here, and where the next one may begin. */
function declarationAt(tokens: readonly string[], at: number): [Declaration, number] {
  const kind = tokens[at];
  const named = tokens[at + 1] === "<" ? closing(tokens, at + 1) : at + 1;
  const name = tokens[named];
  if (kind === "struct") {
    const end = closing(tokens, named + 1);
    return [{ kind, name, text: `struct ${name}`, tokens: tokens.slice(at, end) }, end];
  }
  if (kind !== "fn") {
    const end = tokens.indexOf(";", at) + 1;
    return [{ kind, name, text: `${kind} ${name}`, tokens: tokens.slice(at, end) }, end];
  }
  const after = closing(tokens, named + 1);
  const body = tokens.indexOf("{", after);
  const result = tokens.slice(after + 1, body).join("");
  const parameters = parameterTypes(tokens.slice(named + 2, after - 1));
  const end = closing(tokens, body);
  const text = `fn ${name}(${parameters})${result && ` -> ${result}`}`;
  return [{ kind, name, text, tokens: tokens.slice(at, end) }, end];
}

/** Declarations, and the attributes between them. */
function parsed(tokens: readonly string[]) {
  const declarations: Declaration[] = [];
  const attributes: string[] = [];
  for (let i = 0; i < tokens.length; ) {
    if (MODULE.has(tokens[i])) {
      const [declaration, next] = declarationAt(tokens, i);
      declarations.push(declaration);
      i = next;
    } else attributes.push(tokens[i++]);
  }
  return { declarations, attributes };
}

/** Parameters and variables of a function, or fields of a struct: "name:" in its outermost part. */
function ownNames({ kind, tokens }: Declaration): Set<string> {
  const own = new Set<string>();
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    const typed = tokens[i + 1] === ":" && WORD.test(token);
    if (typed && ((kind === "fn" && depth === 0) || kind === "struct")) own.add(token);
    if (kind === "fn" && LOCAL.has(token)) own.add(tokens[i + 1]);
    if (token === "{") depth++;
    if (token === "}") depth--;
  }
  return own;
}

/** Words that are neither members, nor attributes, nor what a declaration has for itself. */
function wordsIn(tokens: readonly string[], own: ReadonlySet<string> = new Set()): string[] {
  return tokens.filter((token, i) => {
    return WORD.test(token) && !".@".includes(tokens[i - 1] ?? " ") && !own.has(token);
  });
}

function parsedShader(name: string, text: string): ParsedShader {
  const { declarations, attributes } = parsed(tokensOf(text));
  const declared = new Map(declarations.map((one) => [one.name, one.text]));
  const words = declarations.flatMap((one) => wordsIn(one.tokens, ownNames(one)));
  const foreign = [...words, ...wordsIn(attributes)].filter((word) => {
    return !declared.has(word) && !isOfWgsl(word);
  });
  return { name, text, declarations: declared, uses: new Set(foreign) };
}

/** All shader files below a folder, by name. */
export function parsedShadersIn(folder: string): ParsedShader[] {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const names = paths.map((path) => path.replaceAll("\\", "/")).filter((p) => p.endsWith(".wgsl"));
  return names.sort().map((path) => {
    return parsedShader(path.slice(0, -".wgsl".length), readFileSync(join(folder, path), "utf8"));
  });
}

/** "reduce/team" of "reduce/team/alone". */
export const folderOf = (name: string): string => name.slice(0, name.lastIndexOf("/"));
