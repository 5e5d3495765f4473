// Programs that load the library's TypeScript with Vite need the plugin of vite.config.ts that makes
// modules of shader files.

import { join } from "node:path";
import { loadConfigFromFile } from "vite";
import { root } from "./browser.mjs";

/** The plugins, with shaders as they stand. */
export async function shaderModules() {
  const env = /** @type {const} */ ({ command: "serve", mode: "development" });
  const loaded = await loadConfigFromFile(env, join(root, "vite.config.ts"));
  return loaded?.config.plugins ?? [];
}
