// The "Expects" line of a shader file lists the files that declare the names which it uses.
//
//   // Expects: loop/cursor, reduce/statistic/*, tensor weight.
//   // Expects nothing.
//
// A path is a file, `folder/*` any of the alternatives in there, and `tensor NAME` an array's
// binding template, which declares load_NAME, store_NAME, read_NAME and has_NAME.

import { folderOf, type ParsedShader } from "./wgsl_declarations";

const TEMPLATE = /^(?:load|store|read|has)_(\w+)$/;
const WIDTH = 100;

/** The line in its exact form, longer ones on several lines. */
const LINE = /^\/\/ Expects(?: nothing\.|: ([^.]+)\.)$/m;

/** The comment lines that state it in whatever form: up to a full stop at a line's end, if any. */
const STATED = /^\/\/ Expects\b(?:(?:.*[^.\n]\n\/\/ )*?.*\.\n|.*\n)/m;

/** What the head says that the file expects; null where it says nothing in the form above. */
export function statedExpectations({ text }: ParsedShader): string[] | null {
  const stated = STATED.exec(text)?.[0].trimEnd();
  const found = stated && LINE.exec(stated.replaceAll("\n//  ", ""));
  if (!found) return null;
  return found[1]?.split(", ") ?? [];
}

/** The names that an expectation stands for, of those that the file uses. */
export function namesMet(
  expectation: string,
  { uses }: ParsedShader,
  files: readonly ParsedShader[],
): string[] {
  const [kind, tensor] = expectation.split(" ");
  if (kind === "tensor") return [...uses].filter((name) => TEMPLATE.exec(name)?.[1] === tensor);
  const met = expectation.endsWith("/*")
    ? files.filter(({ name }) => folderOf(name) === expectation.slice(0, -"/*".length))
    : files.filter(({ name }) => name === expectation);
  return [...uses].filter((name) => met.some(({ declarations }) => declarations.has(name)));
}

/** The alternatives of a folder, where several declare the name; or else the file that does. */
function expectationFor(name: string, files: readonly ParsedShader[]): string | undefined {
  const tensor = TEMPLATE.exec(name)?.[1];
  if (tensor) return `tensor ${tensor}`;
  const declaring = files.filter((file) => {
    return file.declarations.has(name) && !file.name.startsWith("kernels/"); // the last to be joined
  });
  const counts = new Map<string, number>();
  for (const file of declaring) {
    const folder = folderOf(file.name);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  if (first?.[1] > 1) return `${first[0]}/*`;
  const depth = (file: ParsedShader) => file.name.split("/").length;
  return declaring.toSorted((a, b) => depth(a) - depth(b))[0]?.name;
}

/** The shortest true list: what a file uses, by where it is declared. */
export function expectationsOf(file: ParsedShader, files: readonly ParsedShader[]): string[] {
  const all = [...file.uses].flatMap((name) => expectationFor(name, files) ?? []);
  const [tensors, paths] = [true, false].map((isTensor) =>
    [...new Set(all)].filter((one) => one.startsWith("tensor ") === isTensor).sort(),
  );
  return [...paths, ...tensors];
}

/** The comment for these expectations, in lines of at most 100 columns. */
export function expectsComment(expectations: readonly string[]): string {
  if (expectations.length === 0) return "// Expects nothing.";
  const lines = ["// Expects:"];
  for (const [i, one] of expectations.entries()) {
    const item = ` ${one}${i === expectations.length - 1 ? "." : ","}`;
    const last = lines.length - 1;
    if (lines[last].length + item.length > WIDTH) lines.push(`//  ${item}`);
    else lines[last] += item;
  }
  return lines.join("\n");
}
