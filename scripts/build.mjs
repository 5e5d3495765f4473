// `npm run build` makes the package in dist/: its modules, their declarations, and one minified
// file for pages without a bundler.

import { join } from "node:path";
import { root } from "./lib/browser.mjs";
import { buildMinified, buildModules } from "./lib/bundle.mjs";
import { buildDeclarations } from "./lib/declarations.mjs";

const dist = join(root, "dist");
await buildModules(dist);
await buildMinified(dist);
await buildDeclarations(dist);
