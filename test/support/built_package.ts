// A build of the package takes seconds, so the tests share one of the same files. It lies in
// .cache/built, by the hash of all that it is made from.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import { buildMinified, buildModules } from "../../scripts/lib/bundle.mjs";
import { buildDeclarations } from "../../scripts/lib/declarations.mjs";

/** What each has beside the modules. */
const PARTS = {
  modules: null,
  declarations: buildDeclarations,
  minified: buildMinified,
  whole: async (dist: string) => {
    await buildMinified(dist);
    await buildDeclarations(dist);
  },
};

const FOLDERS = ["src", "shaders", "scripts"];
const FILES = ["vite.config.ts", "tsconfig.build.json", "package.json", "package-lock.json"];
const cache = join(root, ".cache", "built");

function hashOfSources(): string {
  const within = (folder: string) =>
    fs.readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`);
  const hash = createHash("sha256");
  for (const name of [...FOLDERS.flatMap(within), ...FILES].sort()) {
    const path = join(root, name);
    if (fs.statSync(path).isFile()) hash.update(name).update(fs.readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Puts the package, or this part of it, into a folder of the test's own. */
export async function copyPackage(dist: string, part: keyof typeof PARTS): Promise<void> {
  const folder = join(cache, part);
  const built = join(folder, hashOfSources());
  if (!fs.existsSync(built)) {
    fs.mkdirSync(folder, { recursive: true });
    const fresh = fs.mkdtempSync(join(folder, "building-"));
    await buildModules(fresh);
    await PARTS[part]?.(fresh);
    keep(fresh, built);
  }
  fs.cpSync(built, dist, { recursive: true });
}

/** Takes the place of older builds, unless another process was first. */
function keep(fresh: string, built: string): void {
  try {
    fs.renameSync(fresh, built);
  } catch {
    fs.rmSync(fresh, { recursive: true }); // the same files
    return;
  }
  const folder = dirname(built);
  const older = fs.readdirSync(folder).map((name) => join(folder, name));
  for (const path of older) {
    if (path !== built && !basename(path).startsWith("building-")) {
      fs.rmSync(path, { recursive: true });
    }
  }
}
