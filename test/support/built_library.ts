// The examples import the library as its users do: what it is built to, in dist/. The readers of files
// come from the command line's package.

import { join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import { bundle } from "../../scripts/lib/bundle.mjs";
import { copyPackage } from "./built_package";

export async function setup(): Promise<void> {
  await copyPackage(join(root, "dist"), "declarations");
  const external = ["csv-parse", /^node:/];
  const files = (path: string) => join(root, "cli", path);
  await bundle(files("src/files.ts"), files("dist/files.js"), { external });
}
