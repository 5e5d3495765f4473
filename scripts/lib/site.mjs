// This file builds the site: its pages from docs/ and the source, the reference of the interface by
// TypeDoc, all of it by VitePress, and the demo below it.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, runnerImport } from "vite";
import { root } from "./browser.mjs";
import { bundle } from "./bundle.mjs";
import { installPackages, packagesAreInstalled, site } from "./install.mjs";
import { shaderModules } from "./shader_modules.mjs";

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
  const count = module.writePages(pages);
  tool("typedoc", "bin/typedoc", ["--options", "typedoc.json"]);
  rmSync(assets, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });
  await bundle(join(site, "live", "live.ts"), join(assets, "live", "live.js"), {
    minify: true,
    postBanner: () => "",
  });
  return count;
}

/** Makes out/site of the composed pages, with the demo in it. */
export async function buildSite() {
  tool("vitepress", "bin/vitepress.js", ["build", "."]);
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

/** Keys of the demo's state are no anchors. */
const STATE = /(^|\/)demo\/[^#]*#/;

/** @typedef {{ url: string, parent?: string, state: string }} Link */

/** Returns the broken links of the built site, anchors included; others' pages are not asked. */
export async function brokenLinks(/** @type {string} */ folder = built) {
  const module = join(site, "node_modules", "linkinator", "build", "src", "index.js");
  const { LinkChecker } = await import(pathToFileURL(module).href);
  const served = servedFolder(folder);
  /** @type {{ links: Link[] }} */
  const { links } = await new LinkChecker().check({
    path: ["index.html", "operations/index.html", "api/index.html", "demo/index.html"].map(
      (path) => `${served.base}${path}`,
    ),
    serverRoot: served.folder,
    recurse: true,
    checkFragments: true,
    linksToSkip: async (/** @type {string} */ link) =>
      !/^http:\/\/localhost/.test(link) || STATE.test(link),
  });
  const broken = links.filter(({ state, url }) => state === "BROKEN" && !STATE.test(url));
  return { checked: links.length, broken };
}

/** A folder in which the site lies below its path. */
function servedFolder(/** @type {string} */ pages) {
  const { SITE_URL: address } = process.env;
  const base = address ? new URL(address).pathname.replace(/^\/|\/$/g, "") : "";
  if (!base) return { folder: pages, base: "" };
  const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-site-"));
  mkdirSync(join(folder, dirname(base)), { recursive: true });
  symlinkSync(pages, join(folder, base), "junction");
  return { folder, base: `${base}/` };
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
