// This script installs the other libraries before their first measurement, as scripts/setup.mjs
// does for the rest.

import { join } from "node:path";
import { root } from "../scripts/lib/browser.mjs";
import { installPackages, packagesAreInstalled } from "../scripts/lib/install.mjs";

const folder = join(root, "bench");

export function installPeers() {
  if (peersAreInstalled()) return;
  console.log("bench: installing the other libraries; `-- --only ours` needs none of them");
  installPackages(folder, "--ignore-scripts");
}

export const peersAreInstalled = () => packagesAreInstalled(folder);
