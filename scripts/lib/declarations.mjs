// This file writes the package's declarations: one file per entry, without internal names. The
// compiler alone would write a file for each one of src/, with imports without extensions, which
// only bundlers resolve.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { root } from "./browser.mjs";

const sourceOf = (/** @type {string} */ name) => join(root, "src", name, "index.ts");

/** The entries that take from the main one and from moments. */
const OTHERS = ["nn", "stream", "channel", "ort", "tfjs"];

/** `Symbol.dispose` is in no default library of TypeScript's. */
const banner = '/// <reference lib="esnext.disposable" />';

/**
 * Writes them beside the modules of the package. The other entries import from the main one what it exports: a tensor is
 * the same everywhere. A state of moments, which needs no GPU, has declarations of its own, and the stream takes them.
 * @param {string} dir
 */
export async function buildDeclarations(dir) {
  const plugins = [
    withoutShaders,
    dts({ tsconfig: join(root, "tsconfig.build.json") }),
    typesOfClasses(dir),
  ];
  const own = { index: "", "moments/index": "moments" };
  /** @type {Map<string, string>} where other entries find what these files declare */
  const files = new Map();
  for (const [entry, folder] of Object.entries(own)) {
    const bundle = await rollup({ input: { [entry]: sourceOf(folder) }, plugins });
    await bundle.write({ dir, banner });
    const module = bundle.cache?.modules.find(({ id }) => id === sourceOf(folder));
    for (const id of module?.dependencies ?? []) files.set(id, `./${entry}.js`);
  }
  const external = (/** @type {string} */ id) => files.has(id);
  const input = Object.fromEntries(OTHERS.map((name) => [`${name}/index`, sourceOf(name)]));
  const others = await rollup({ input, plugins, external });
  await others.write({ dir, banner, paths: (id) => files.get(id) ?? id });
}

/** Shader files have no declarations that a user needs. @type {import("rollup").Plugin} */
const withoutShaders = {
  name: "without-shaders",
  load: (id) => (id.endsWith(".wgsl") ? "export default {};" : null),
};

/**
 * A class may be exported as a type alone, which rollup-plugin-dts forgets: no module has a value of that name.
 * @param {string} dir
 * @returns {import("rollup").Plugin}
 */
function typesOfClasses(dir) {
  return {
    name: "types-of-classes",
    async renderChunk(code, { name }) {
      const module = await import(pathToFileURL(join(dir, `${name}.js`)).href);
      return code.replace(/^export \{ (.*) \};$/m, (_, list) => {
        const names = list.split(", ");
        const isValue = (/** @type {string} */ one) => one.replace(/^.* as /, "") in module;
        const values = names.filter(isValue);
        const types = names.filter((/** @type {string} */ one) => !isValue(one));
        const rest = types.length ? `\nexport type { ${types.join(", ")} };` : "";
        return `export { ${values.join(", ")} };${rest}`;
      });
    },
  };
}
