// No two exports of src share a name: a name found by a search has one meaning.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = "src";
const EXPORT =
  /^export (?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type) (\w+)/gm;

/** Files of each exported name. Tables of contents only pass names on, so that they declare none. */
function placesOfExports(): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).sort();
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(join(SRC, file), "utf8");
    for (const [, name] of text.matchAll(EXPORT)) {
      places.set(name, (places.get(name) ?? new Set()).add(file.replaceAll("\\", "/")));
    }
  }
  return places;
}

test("no two exports of src share a name", () => {
  const places = placesOfExports();
  const shared = [...places].filter(([, files]) => files.size > 1);
  expect(shared.map(([name, files]) => `${name}: ${[...files].join(", ")}`)).toEqual([]);
  expect(places.size).toBeGreaterThan(200);
});
