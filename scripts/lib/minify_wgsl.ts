// The minifier writes shader files as a page gets them: without comments, without needless spaces
// and lines, and with short names. A compile error quotes the code where it is
// (src/runtime/compile_errors.ts). It is written by hand: wgsl-minifier is a program in Rust,
// vite-plugin-glsl strips spaces alone, and wgsl_reflect refuses some files that WGSL allows.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { entryAt } from "../../src/base/entry.ts";

/** Short names: of what files declare, and of the fields of structs. */
export interface Names {
  readonly declared: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, string>;
}

/** The text with these names, if any; what functions have for themselves is a, b, c, ... */
export function lean(source: string, names?: Names): string {
  const tokens = tokensOf(uncommented(source));
  return joined(names ? renamed(tokens, names) : tokens);
}

/** WGSL has no string literals, so every comment mark is one. Block comments nest. */
function uncommented(source: string): string {
  let depth = 0;
  let text = "";
  for (let i = 0; i < source.length; i++) {
    const pair = source.slice(i, i + 2);
    if (pair === "/*" || (pair === "*/" && depth > 0)) {
      depth += pair === "/*" ? 1 : -1;
      text += " "; // a comment parts words
      i++;
    } else if (pair === "//" && depth === 0) {
      const end = source.indexOf("\n", i);
      i = (end < 0 ? source.length : end) - 1;
    } else if (depth === 0) text += source[i];
  }
  return text;
}

const TOKEN =
  /[A-Za-z_]\w*|(?:0x[\da-fA-F]+|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?)[iufh]?|->|&&|\|\||<<|[-+*/%&|^=!<>]=|\+\+|--|[^\s\w]/g;
const WORD = /^[A-Za-z_]/;

const tokensOf = (text: string): string[] => text.match(TOKEN) ?? [];

/** Whether two tokens would be another one without a space: words, and signs. ">>" is taken for two. */
const merge = (a: string, b: string) =>
  (/\w$/.test(a) && /^\w/.test(b)) || (/[-+&|<>=!*/]$/.test(a) && /^[-+&|<=*/]/.test(b));

/** 0.5 is .5, and 1.0 is 1. as well. */
const shortNumber = (token: string) => token.replace(/^0(?=\.\d*[1-9])|(?<=^\d+\.)0+$/g, "");

function joined(tokens: readonly string[]): string {
  let text = "";
  let before = "";
  for (const [i, token] of tokens.entries()) {
    if (token === "," && /^[)}]$/.test(tokens[i + 1] ?? "")) continue;
    const short = shortNumber(token);
    text += merge(before, short) ? ` ${short}` : short;
    before = short;
  }
  return text;
}

/** What a word stands for: something that a module or a function declares, a field, none of these. */
type Role = "module" | "local" | "field" | "known" | null;

interface Roles {
  readonly roles: readonly Role[]; // of each token
  readonly functions: readonly number[]; // in which it is, from 1 on; 0: in none
  readonly declared: ReadonlySet<string>; // by files
  readonly fields: ReadonlySet<string>;
}

const IN_MODULE = new Set(["fn", "struct", "alias", "const", "var"]);
const IN_FUNCTION = new Set(["let", "var", "const"]);

/** Bindings, overrides and entry points are known outside of the shaders. */
function rolesOf(tokens: readonly string[]): Roles {
  const roles = new Array<Role>(tokens.length).fill(null);
  const functions = new Array<number>(tokens.length).fill(0);
  const [declared, fields] = [new Set<string>(), new Set<string>()];
  const locals: Set<string>[] = [new Set()];
  let depth = 0;
  let inside: "fn" | "struct" | null = null;
  const declare = (at: number, role: Role) => {
    roles[at] = role;
    const names = { module: declared, local: entryAt(locals, locals.length - 1), field: fields };
    if (role === "module" || role === "local" || role === "field") {
      names[role].add(entryAt(tokens, at));
    }
  };
  for (const [i, token] of tokens.entries()) {
    if (inside === "fn") functions[i] = locals.length - 1;
    if (token === "@") {
      roles[i + 1] = "known";
      if (tokens[i + 1] === "builtin") roles[i + 3] = "known";
    } else if (inside === null && token === "override") {
      roles[i + 1] = "known";
    } else if (inside === null && IN_MODULE.has(token)) {
      const name = tokens[i + 1] === "<" ? tokens.indexOf(">", i) + 1 : i + 1;
      for (let at = i; at < name; at++) roles[at] = "known";
      declare(name, tokens[i - 1] === ")" || tokens[name] === "main" ? "known" : "module");
      if (token === "fn" || token === "struct") inside = token;
      if (token === "fn") locals.push(new Set());
    } else if (inside === "fn" && IN_FUNCTION.has(token)) {
      declare(i + 1, "local");
    } else if (WORD.test(token) && roles[i] === null) {
      const typed = tokens[i + 1] === ":";
      if (inside === "fn" && depth === 0 && typed) declare(i, "local");
      else if (inside === "struct" && depth === 1 && typed) declare(i, "field");
      else if (tokens[i - 1] === ".") roles[i] = "field";
    }
    if (token === "{") depth++;
    if (token === "}" && --depth === 0) inside = null;
  }
  for (const [i, token] of tokens.entries()) {
    if (roles[i] !== null || !WORD.test(token)) continue;
    roles[i] = entryAt(locals, entryAt(functions, i)).has(token) ? "local" : "module";
  }
  return { roles, functions, declared, fields };
}

function renamed(tokens: readonly string[], { declared, fields }: Names): string[] {
  const { roles, functions } = rolesOf(tokens);
  const locals = new Map<number, Map<string, string>>();
  return tokens.map((token, i) => {
    if (roles[i] === "module") return declared.get(token) ?? token;
    if (roles[i] === "field") return fields.get(token) ?? token;
    if (roles[i] !== "local") return token;
    const scope = entryAt(functions, i);
    const own = locals.get(scope) ?? new Map<string, string>();
    locals.set(scope, own);
    const name = own.get(token) ?? LOCALS[own.size] ?? token;
    own.set(token, name);
    return name;
  });
}

const LOWER = [..."abcdefghijklmnopqrstuvwxyz"];
const UPPER = LOWER.map((letter) => letter.toUpperCase());
/** Arrays have these names, and others of more letters. */
const ARRAYS = ["x", "y", "d", "r", "dx", "dy"];
/** Of functions; files declare no names like these. */
const LOCALS = LOWER.filter((letter) => !ARRAYS.includes(letter));
/** Words of WGSL's, and what it reserves, as short as the names here. */
const RESERVED = ["as", "do", "fn", "if", "in", "is", "of", "on", "or", "to"];
/** Templates are renamed when files are joined. */
const TEMPLATE = /^(?:load|store|read|has|element)_|_half$|^(?:tensor|laneStride)$/;

/** Short names for all that only shaders know, the same ones in every file. */
export function namesOf(sources: readonly string[], kept: ReadonlySet<string>): Names {
  const files = sources.map((source) => tokensOf(uncommented(source)));
  const parsed = files.map((tokens) => ({ tokens, ...rolesOf(tokens) }));
  const known = parsed.flatMap(({ tokens, roles }) =>
    tokens.filter((_, i) => roles[i] === "known"),
  );
  const named = (role: Role, all: ReadonlySet<string>, letters: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const { tokens, roles } of parsed) {
      for (const [i, token] of tokens.entries()) {
        if (roles[i] === role) counts.set(token, (counts.get(token) ?? 0) + 1);
      }
    }
    const isLong = (name: string) => all.has(name) && !kept.has(name) && !TEMPLATE.test(name);
    const long = [...counts.keys()].filter((name) => isLong(name) && !known.includes(name));
    long.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
    const others = [...counts.keys(), ...known, ...kept];
    const taken = new Set(others.filter((name) => !long.includes(name)));
    const short = shortNames(letters, taken);
    return new Map(long.map((name) => [name, short.next().value as string]));
  };
  const union = (sets: readonly ReadonlySet<string>[]) => new Set(sets.flatMap((set) => [...set]));
  return {
    declared: named("module", union(parsed.map(({ declared }) => declared)), UPPER),
    fields: named("field", union(parsed.map(({ fields }) => fields)), LOWER),
  };
}

/** These letters, then aa, ab, ... */
function* shortNames(letters: readonly string[], taken: ReadonlySet<string>): Generator<string> {
  const pairs = LOWER.flatMap((first) => [...LOWER, ...UPPER].map((second) => first + second));
  for (const name of [...letters, ...pairs.filter((pair) => !ARRAYS.includes(pair))]) {
    if (!taken.has(name) && !RESERVED.includes(name)) yield name;
  }
}

/** The names for all shaders of a folder; `kept` are the operands, by which ports are renamed. */
export function shaderNames(folder: string, kept: ReadonlySet<string>): Names {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const shaders = files.filter((name) => name.endsWith(".wgsl")).sort();
  return namesOf(
    shaders.map((name) => readFileSync(join(folder, name), "utf8")),
    kept,
  );
}
