// Programs that load the library's TypeScript with Vite need the plugin of vite.config.ts that makes
// modules of shader files.

import { join } from "node:path";
import { loadConfigFromFile } from "vite";
import { root } from "./browser.mjs";

/** The plugins, with shaders as they stand. */
export const shaderModules = () => plugins({ command: "serve", mode: "development" });

/** The plugins, with shaders as the package has them. */
export const leanShaders = () => plugins({ command: "build", mode: "library" });

/** @param {import("vite").ConfigEnv} env */
async function plugins(env) {
  const loaded = await loadConfigFromFile(env, join(root, "vite.config.ts"));
  return loaded?.config.plugins ?? [];
}
