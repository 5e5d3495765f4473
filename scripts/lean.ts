// Shader files as a page gets them: without comments and indentation, and with short names. Lines stay the files', so
// that a compile error's line is still the source's.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Punctuation that needs no space beside it. Not "<" and ">", which may be brackets, nor what is after ")", as in
 * "@binding(0) var"; "--" would be a token of its own.
 */
const SPACED = / ?([,;:{(]|(?<![<>] ?)[-+*/%]?=|[*/%]|(?<= )[-+](?= [^-+])) ?| (?=\))/g;

/** WGSL has no string literals, so every comment mark is one. Block comments nest. */
export function lean(source: string): string {
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
    } else if (depth === 0 || source[i] === "\n") text += source[i];
  }
  return text
    .replace(/^[ \t]+|[ \t]+$/gm, "")
    .replace(SPACED, "$1")
    .trimEnd();
}

const NAME = /(?<![@\w])[A-Za-z_]\w*/g; // not attributes
/** What a file declares: functions, types, constants, variables; parameters and fields come before a colon. */
const DECLARED =
  /\b(?:fn|struct|alias|const|let|var(?:<[^>]*>)?)\s+([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*:(?!:)/g;
/** Names that something outside of the shaders knows: bindings, overrides, entry points; ports are renamed later. */
const KNOWN = /@binding\(\d+\)\s+var<[^>]*>\s+(\w+)|\boverride\s+(\w+)|\bfn\s+(main)\b/g;
/** Calls of what no file makes are WGSL's own. */
const CALLED = /([A-Za-z_]\w*)\s*\(/g;
const MADE = /\b(?:fn|struct|alias)\s+([A-Za-z_]\w*)/g;
const PORT = /^(?:load|store|read|has|element)_|_half$|^(?:port|place|along)$/;
const WORDS = ["workgroup", "storage", "function", "private", "uniform", "read", "write"];

/** Short names for all that only shaders know, the same ones in every file. */
export function namesOf(
  sources: readonly string[],
  kept: ReadonlySet<string>,
): Map<string, string> {
  const declared = new Set<string>();
  const known = new Set([...WORDS, ...kept]);
  const counts = new Map<string, number>();
  for (const source of sources) {
    for (const [, name, typed] of source.matchAll(DECLARED)) declared.add(name ?? typed);
    for (const [, ...names] of source.matchAll(KNOWN)) {
      for (const name of names) if (name) known.add(name);
    }
    for (const [name] of source.matchAll(NAME)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const made = new Set(sources.flatMap((source) => [...source.matchAll(MADE)].map(([, m]) => m)));
  for (const source of sources) {
    for (const [, name] of source.matchAll(CALLED)) if (!made.has(name)) known.add(name);
  }
  const long = [...declared].filter((name) => {
    return name.length > 2 && !known.has(name) && !PORT.test(name);
  });
  long.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
  const taken = new Set(
    [...counts.keys(), ...known, ...RESERVED].filter((name) => !long.includes(name)),
  );
  const short = function* () {
    for (let i = 0; ; i++) if (!taken.has(letters(i))) yield letters(i);
  };
  const names = short();
  return new Map(long.map((name) => [name, names.next().value as string]));
}

/** Words of WGSL's, and what it reserves, as short as the names here. */
const RESERVED = ["as", "do", "fn", "if", "in", "is", "of", "on", "or", "to"];

/** a, b, ... z, A, ... Z, aa, ... */
function letters(index: number): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const rest = Math.floor(index / alphabet.length);
  return (rest > 0 ? letters(rest - 1) : "") + alphabet[index % alphabet.length];
}

export const renamed = (source: string, names: ReadonlyMap<string, string>): string =>
  source.replace(NAME, (name) => names.get(name) ?? name);

/** The names for all shaders of a folder; `kept` are the operands, by which ports are renamed. */
export function shaderNames(folder: string, kept: ReadonlySet<string>): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const shaders = files.filter((name) => name.endsWith(".wgsl")).sort();
  return namesOf(
    shaders.map((name) => lean(readFileSync(join(folder, name), "utf8"))),
    kept,
  );
}
