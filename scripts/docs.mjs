// `npm run docs` builds the site in out/site, with the demo in it, and checks its links. It installs
// what it needs.
//   --dev    serves the pages while they are written (those of docs/ are composed once)
//   --open   opens the built site in the browser
//   --serve  serves the built site

import { parseArgs } from "node:util";
import { root } from "./lib/browser.mjs";
import { installPackages, packagesAreInstalled } from "./lib/install.mjs";

const { values: options } = parseArgs({
  options: {
    dev: { type: "boolean", default: false },
    open: { type: "boolean", default: false },
    serve: { type: "boolean", default: false },
  },
});

try {
  if (!packagesAreInstalled()) {
    console.log("docs: installing packages (npm ci)");
    installPackages(root, "--include=dev");
  }
  await docs();
} catch (error) {
  console.error(`docs: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function docs() {
  const site = await import("./lib/site.mjs"); // its packages are there now
  site.installSite();
  const pages = await site.composePages();
  if (options.dev) return site.tool("vitepress", "bin/vitepress.js", ["dev", "."]);
  await site.buildSite();
  const { checked, broken } = await site.brokenLinks();
  for (const { url, parent } of broken) console.error(`broken: ${url} on ${parent}`);
  if (broken.length > 0) throw new Error(`${broken.length} of ${checked} links are broken`);
  console.log(`docs: ${pages} pages and the interface in out/site, ${checked} links checked`);
  if (!options.serve && !options.open) return;
  const { url } = await site.serveSite(site.built, options.open);
  console.log(`docs: at ${url}, Ctrl+C stops it`);
}
