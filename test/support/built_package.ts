// A build of the package takes seconds, so the tests share one of the same files. It lies in
// .cache/built, by the hash of all that it is made from.

import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import { buildMinified, buildModules } from "../../scripts/lib/bundle.mjs";
import { buildDeclarations } from "../../scripts/lib/declarations.mjs";

/** Each has the modules, too. */
const PARTS = {
  modules: async () => {},
  declarations: buildDeclarations,
  minified: buildMinified,
};

const SOURCES = ["src", "shaders", "scripts", "vite.config.ts", "tsconfig.build.json"];
const cache = join(root, ".cache", "built");

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const source of [...SOURCES, "package.json", "package-lock.json"]) {
    const path = join(root, source);
    const own = statSync(path).isFile() ? [""] : readdirSync(path, { recursive: true }).sort();
    for (const name of own.map(String)) {
      const file = join(path, name);
      if (statSync(file).isFile()) hash.update(name).update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Puts the package, or this part of it, into a folder of the test's own. */
export async function copyPackage(dist: string, part: keyof typeof PARTS): Promise<void> {
  const name = `${hashOfSources()}-${part}`;
  const built = join(cache, name);
  if (!existsSync(built)) {
    mkdirSync(cache, { recursive: true });
    const fresh = mkdtempSync(join(cache, "building-"));
    await buildModules(fresh);
    await PARTS[part](fresh);
    keep(fresh, built);
  }
  cpSync(built, dist, { recursive: true });
}

/** Takes the place of older builds, unless another process was first. */
function keep(fresh: string, built: string): void {
  const [, part] = built.split(/-(?=\w+$)/);
  const older = readdirSync(cache).filter((name) => name.endsWith(`-${part}`));
  for (const name of older) if (join(cache, name) !== built) remove(join(cache, name));
  try {
    renameSync(fresh, built);
  } catch {
    remove(fresh);
  }
}

const remove = (path: string) => rmSync(path, { recursive: true, force: true });
