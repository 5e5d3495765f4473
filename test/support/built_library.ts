// The examples import the library as its users do: what it is built to, in dist/.

import { join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import { copyPackage } from "./built_package";

export const setup = () => copyPackage(join(root, "dist"), "declarations");
