// A recipe is the code of docs/, as a function: `import recipe from "./recipe.js?of=TensorFlow.js&given=x"`
// runs what stands under this heading, with these names from outside, and returns all that it declares.

import type { Plugin } from "vite";
import { codeOf, functionOf } from "../support/doc_code.ts";

/** Where the tests have what a user imports from packages. */
const PACKAGES: Readonly<Record<string, string>> = {
  "webgpu-norm": "../../src/index",
  "webgpu-norm/ort": "../../src/ort/index",
  "webgpu-norm/tfjs": "../../src/tfjs/index",
  "@tensorflow/tfjs": "./tfjs",
};

export const recipes = (): Plugin => ({
  name: "recipes",
  enforce: "pre",
  transform(_, id) {
    const [path = "", search] = id.split("?");
    if (!path.endsWith("/adapters/recipe.js") || !search) return null;
    const query = new URLSearchParams(search);
    const {
      page = "docs/interop.md",
      of = "",
      kind = "js",
      given = "",
    } = Object.fromEntries(query);
    const blocks = codeOf(page, of).filter((block) => block.kind === kind);
    if (blocks.length === 0) throw new Error(`${page} has no ${kind} under ${of}`);
    const text = blocks.map(({ code }) => code).join("\n");
    return { code: functionOf(text, given, PACKAGES), map: null };
  },
});
