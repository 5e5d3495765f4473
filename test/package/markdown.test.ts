// Lines of Markdown have at most 100 characters, except rows of tables, whose cells cannot be broken.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";

const MOST = 100;
const MADE = ["node_modules", "out", "dist"]; // by tools

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((file) => {
    if (file.name.startsWith(".") || MADE.includes(file.name)) return [];
    const path = posix.join(folder, file.name);
    if (file.isDirectory()) return markdownIn(path);
    return file.name.endsWith(".md") ? [path] : [];
  });
}

/** The lines that are too long, by their numbers. */
const tooLong = (text: string) =>
  text.split("\n").flatMap((line, i) => {
    const row = line.trimStart().startsWith("|");
    return !row && [...line].length > MOST ? [i + 1] : [];
  });

test("no line is too long", () => {
  const files = markdownIn("");
  expect(files).toContain("docs/design/kernels.md");
  expect(files).toContain("examples/dataset/README.md");
  const found = files.flatMap((path) =>
    tooLong(readFileSync(join(root, path), "utf8")).map((line) => `${path}:${line}`),
  );
  expect(found).toEqual([]);
});

test("a long line is found, in prose and code, and a long row is none", () => {
  const long = "x ".repeat(51);
  expect(tooLong(`short\n${long}\n\n| ${long} |\n\n\`\`\`js\n${long}\n\`\`\`\n`)).toEqual([2, 7]);
  expect(tooLong("²".repeat(MOST))).toEqual([]); // characters, not bytes
});
