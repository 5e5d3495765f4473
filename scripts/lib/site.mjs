// This file builds the site: its pages from docs/ and the source, the reference of the interface by
// TypeDoc, all of it by VitePress, and the demo below it.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, preview, runnerImport } from "vite";
import { root } from "./browser.mjs";
import { bundle } from "./bundle.mjs";
import { examples, installPackages, packagesAreInstalled, site } from "./install.mjs";
import { leanShaders, shaderModules } from "./shader_modules.mjs";

const pages = join(site, ".pages");
const assets = join(site, ".public");
export const built = join(root, "out", "site");

export function installSite() {
  if (packagesAreInstalled(site)) return;
  console.log("docs: installing the site's packages (npm ci in site/)");
  installPackages(site, "--ignore-scripts");
}

/** Composes the pages, the reference of the interface and the program of the examples. */
export async function composePages() {
  const { module } = await runnerImport(join(site, "generate", "pages.ts"), {
    plugins: await shaderModules(),
    logLevel: "error",
  });
  const count = await module.writePages(pages);
  tool("typedoc", "bin/typedoc", ["--options", "typedoc.json"]);
  rmSync(assets, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });
  await bundle(join(site, "live", "live.ts"), join(assets, "live", "live.js"), {
    output: { minify: true, postBanner: () => "" },
  });
  return count;
}

/** Makes out/site of the composed pages, with the demo and the examples that are pages in it. */
export async function buildSite() {
  tool("vitepress", "bin/vitepress.js", ["build", "."]);
  for (const example of await livePages()) await buildExample(example);
  const { SITE_URL: address } = process.env;
  if (address) process.env.DEMO_URL ??= new URL("demo/", address.replace(/\/?$/, "/")).href;
  const configFile = join(root, "vite.config.ts");
  const outDir = join(built, "demo");
  await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } });
  await build({
    configFile,
    mode: "file",
    logLevel: "warn",
    build: { outDir, emptyOutDir: false },
  });
}

/** The examples that the site builds. @returns {Promise<{ folder: string, live: string[] }[]>} */
async function livePages() {
  const { module } = await runnerImport(join(site, "generate", "examples.ts"));
  return module.examples().filter((/** @type {{ live: string[] }} */ { live }) => live.length > 0);
}

/** A program of an example imports the package; here this is the library's source. */
const SOURCE = [
  { find: /^webgpu-norm$/, replacement: join(root, "src", "index.ts") },
  { find: /^webgpu-norm\/(\w+)$/, replacement: join(root, "src", "$1", "index.ts") },
];

/** Builds the pages of an example. @param {{ folder: string, live: string[] }} example */
async function buildExample({ folder, live }) {
  const from = join(examples, folder);
  await build({
    configFile: false,
    root: from,
    base: "./",
    logLevel: "warn",
    plugins: await leanShaders(),
    resolve: { alias: SOURCE },
    build: {
      target: "es2022",
      outDir: join(built, "examples", "live", folder),
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: live.map((page) => join(from, page)) },
    },
  });
}

/** Keys of the demo's state are no anchors. */
const STATE = /\/demo\/[^#]*#/;

/** @typedef {{ url: string, parent?: string, state: string }} Link */

/** Returns the broken links of a built site, anchors included; others' pages are not asked. */
export async function brokenLinks(/** @type {string} */ folder = built) {
  const module = join(site, "node_modules", "linkinator", "build", "src", "index.js");
  const { LinkChecker } = await import(pathToFileURL(module).href);
  const { url, close } = await serveSite(folder);
  /** @type {{ links: Link[] }} */
  const { links } = await new LinkChecker().check({
    path: url,
    recurse: true,
    checkFragments: true,
    linksToSkip: async (/** @type {string} */ link) => !link.startsWith(url) || STATE.test(link),
  });
  await close();
  const own = links.filter((link) => link.url.startsWith(url));
  const broken = own.filter((link) => link.state === "BROKEN" && !STATE.test(link.url));
  return { checked: own.length, broken };
}

/** Serves a built site below the path that it is for. */
export async function serveSite(/** @type {string} */ folder = built, open = false) {
  const { SITE_URL: address } = process.env;
  const server = await preview({
    configFile: false,
    root: folder,
    appType: "mpa", // what is not there is 404
    base: address ? new URL(address).pathname.replace(/\/?$/, "/") : "/",
    logLevel: "error",
    build: { outDir: folder },
    preview: { host: "127.0.0.1", port: 0, strictPort: false, open },
  });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error("the site is not served");
  return { url, close: () => server.close() };
}

/** Runs a program of the site's packages. @param {string} name @param {string} path @param {string[]} args */
export function tool(name, path, args) {
  const program = join(site, "node_modules", name, path);
  const { status } = spawnSync(process.execPath, [program, ...args], {
    cwd: site,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`${name} failed, see above`);
}
