// One folder of alternatives is one interface: its files declare the same names with the same
// signatures. The files that one expects declare the names that it uses.

import { describe, expect, test } from "vitest";
import { folderOf, type ParsedShader, parsedShadersIn } from "../support/wgsl_declarations";
import {
  expectationsOf,
  expectsComment,
  namesMet,
  statedExpectations,
} from "../support/wgsl_expects";
import { INTERFACES, type Interface, PARTNERS, ROOMS } from "../support/wgsl_interfaces";

const FILES = parsedShadersIn("shaders");
const USED = new Set(FILES.flatMap(({ uses }) => [...uses]));

const baseName = ({ name }: ParsedShader) => name.slice(folderOf(name).length + 1);

const filesOf = ({ folder, files }: Interface): ParsedShader[] =>
  FILES.filter((file) => folderOf(file.name) === folder).filter((file) => {
    return files?.includes(baseName(file)) ?? true;
  });

/** A template's array has another name in each kernel. */
const isUsed = (name: string) => USED.has(name) || /^(?:has|load|store|read)_tensor$/.test(name);

const functionsOf = ({ declarations }: ParsedShader) =>
  [...declarations].flatMap(([name, text]) => (text.startsWith("fn ") ? [name] : []));

/** Entry points are called by the program. */
const callsItself = ({ text }: ParsedShader, name: string) =>
  name === "main" || text.split(new RegExp(`\\b${name}\\(`)).length > 2;

const nameIn = (declaration: string) => declaration.split(/[ (]/)[1];

/** What a file declares for others: arrays and overrides are named by the program, not by shaders. */
function offered({ name, declarations }: ParsedShader): string[] {
  const own = [...declarations].filter(([one, text]) => {
    return isUsed(one) && !/^(?:var|override) /.test(text) && one !== PARTNERS[name]?.[0];
  });
  return own.map(([, text]) => text).sort();
}

describe("alternatives", () => {
  for (const one of INTERFACES) {
    const which = one.files ? `${one.folder}: ${one.files.join(", ")}` : one.folder;
    test(`${which} declare the same`, () => {
      const found = Object.fromEntries(filesOf(one).map((file) => [file.name, offered(file)]));
      const declares = one.declares.toSorted();
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, declares])));
      expect(Object.keys(found).length).toBeGreaterThan(0);
    });
  }

  test("no folder of alternatives is without an interface", () => {
    const known: readonly string[] = [...ROOMS, ...INTERFACES.map(({ folder }) => folder)];
    const folders = new Set(FILES.map(({ name }) => folderOf(name)));
    expect([...folders].filter((folder) => !known.includes(folder))).toEqual([]);
  });

  test("every file of such a folder has just one", () => {
    const listed = INTERFACES.flatMap(filesOf).map(({ name }) => name);
    const others = FILES.filter(({ name }) => !ROOMS.some((room) => room === folderOf(name)));
    expect(listed.sort()).toEqual(others.map(({ name }) => name).sort());
  });

  test("every function of an interface is called", () => {
    const functions = INTERFACES.flatMap(({ declares }) => declares.map(nameIn));
    expect(functions.filter((name) => !isUsed(name))).toEqual([]);
  });

  test("every function is called", () => {
    const functions = FILES.flatMap((file) => functionsOf(file).map((name) => ({ file, name })));
    const idle = functions.filter(({ file, name }) => !isUsed(name) && !callsItself(file, name));
    expect(idle.map(({ file, name }) => `${file.name}: ${name}`)).toEqual([]);
  });

  test("what a file has for its partner is used", () => {
    for (const [name, [declared]] of Object.entries(PARTNERS)) {
      const file = FILES.find((one) => one.name === name);
      expect(file?.declarations.has(declared), `${name}: ${declared}`).toBe(true);
      expect(USED.has(declared), `${name}: ${declared}`).toBe(true);
    }
  });
});

describe("what a file expects", () => {
  test("every name that a file uses is declared by some file, or WGSL's", () => {
    const unknown = FILES.flatMap((file) =>
      [...file.uses].filter((name) => expectationsOf(withUses(file, name), FILES).length === 0),
    );
    expect(unknown).toEqual([]);
  });

  test("every name that a file uses is declared where it says", () => {
    expect(FILES.flatMap((file) => undeclared(file) ?? [])).toEqual([]);
  });

  test("everything that a file says it expects is used", () => {
    expect(FILES.flatMap((file) => unused(file) ?? [])).toEqual([]);
  });

  test("the head of every file says what it expects", () => {
    const silent = FILES.filter((file) => statedExpectations(file) === null);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

const withUses = (file: ParsedShader, ...names: string[]): ParsedShader => {
  return { ...file, uses: new Set(names) };
};

/** The names that are in no file of those expected, with the line as it should be. */
function undeclared(file: ParsedShader): string | null {
  const stated = statedExpectations(file);
  if (stated === null) return null;
  const met = new Set(stated.flatMap((one) => namesMet(one, file, FILES)));
  const missing = [...file.uses].filter((name) => !met.has(name));
  if (missing.length === 0) return null;
  const line = expectsComment(expectationsOf(file, FILES));
  return `shaders/${file.name}.wgsl: ${missing.join(", ")} not expected:\n${line}`;
}

function unused(file: ParsedShader): string | null {
  const stated = statedExpectations(file) ?? [];
  const idle = stated.filter((one) => namesMet(one, file, FILES).length === 0);
  return idle.length > 0 ? `shaders/${file.name}.wgsl: ${idle.join(", ")} not used` : null;
}
