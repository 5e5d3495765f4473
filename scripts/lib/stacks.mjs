// The stacks are the implementations of WebGPU that the library is tested on. Each is found where it
// is installed or can be; a machine without one skips it, visibly.

import { join } from "node:path";
import { findBrowser, root } from "./browser.mjs";
import { DENO_FLAGS, findDeno } from "./deno.mjs";
import { provideFirefox } from "./firefox.mjs";
import { lavapipe, provideLavapipe } from "./lavapipe.mjs";
import { swiftshader } from "./vulkan.mjs";

/**
 * @typedef {object} Stack
 * @property {string[]} command runs a program of Node's kind
 * @property {NodeJS.ProcessEnv} env
 * @property {string} device what computes, as far as it is known beforehand
 * @property {string[]} projects of Vitest
 * @property {string} [browser] the path
 */

const node = process.execPath;

/** @type {Record<string, () => Promise<Stack | undefined>>} */
const FINDERS = {
  async chromium() {
    const browser = await findBrowser();
    const device = browser?.software ? "SwiftShader" : "the machine's GPU";
    const projects = ["browser 1", "browser 2"];
    return (
      browser && { command: [node], env: process.env, device, projects, browser: browser.path }
    );
  },
  async firefox() {
    const found = await provideFirefox();
    if (!found) return undefined;
    const env = { ...found.env, WEBGPU_NORM_FIREFOX: found.path };
    const device = found.device || deviceOf(env);
    return {
      command: [node],
      env,
      device,
      projects: ["firefox page", "pages"],
      browser: found.path,
    };
  },
  async "dawn-swiftshader"() {
    const driver = await swiftshader();
    const env = driver && { ...process.env, ...driver };
    return env && { command: [node], env, device: "SwiftShader", projects: ["dawn"] };
  },
  async "dawn-lavapipe"() {
    const env = provideLavapipe() ? lavapipe() : null;
    return env ? { command: [node], env, device: "lavapipe", projects: ["dawn"] } : undefined;
  },
  async deno() {
    const found = findDeno();
    const command = found && [found.path, ...DENO_FLAGS];
    return command && { command, env: found.env, device: found.device, projects: ["deno"] };
  },
};

export const STACKS = Object.keys(FINDERS);

/** The stack of that name, or undefined where the machine has none. @param {string} name */
export async function findStack(name) {
  const find = FINDERS[name];
  if (!find) throw new Error(`stack ${name}, expected one of ${STACKS.join(", ")}`);
  return find();
}

/** Firefox does not say. @param {NodeJS.ProcessEnv} env */
function deviceOf({ VK_ICD_FILENAMES }) {
  return VK_ICD_FILENAMES?.includes("lvp") ? "lavapipe" : "unnamed";
}

/** The arguments of Node or Deno that run Vitest over the stack's projects. @param {Stack} stack */
export function vitestCommand({ command, projects }) {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  return [...command, vitest, "run", ...projects.map((name) => `--project=${name}`)];
}
