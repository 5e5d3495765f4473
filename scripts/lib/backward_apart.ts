// This Vite plugin gives the backward of each norm a module of its own. A norm and its backward are
// in one file, and bundlers never divide a file: a page that needs gradients later would load them
// with its first norm.

import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const index = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
const EXPORTS = /export \{([^}]*)\} from "(\.\/norms\/\w+)";/g;
const BACKWARD = /^\w+Backward$/;

/** The exports of a norm's file come from two modules, which are the same file. */
export const divided = (code: string): string =>
  code.replace(EXPORTS, (_, list: string, file: string) => {
    const names = list.split(",").map((name) => name.trim());
    const of = (isBackward: boolean) =>
      names.filter((name) => name && BACKWARD.test(name) === isBackward).join(", ");
    return (
      `export { ${of(false)} } from "${file}";\n` +
      `export { ${of(true)} } from "${file}.ts?backward";`
    );
  });

/** Stands for norm_backward.ts where nobody needs it: bundlers keep the imports of what they drop. */
const NOTHING = "virtual:no-backward";

export function backwardApart(): Plugin {
  return {
    name: "backward-apart",
    enforce: "pre",
    apply: "build",
    resolveId: {
      filter: { id: /\.\/shared\/norm_backward$/ },
      handler: (_, importer) => (importer?.endsWith(".ts") ? NOTHING : null),
    },
    load: {
      filter: { id: new RegExp(`^${NOTHING}$`) },
      handler: () => "export const normBackward = undefined, checkGradients = undefined;",
    },
    transform: {
      filter: { id: [index, /\?backward$/] },
      handler: (code, id) => ({
        code: id === index ? divided(code) : code,
        moduleSideEffects: false, // a query hides the word of package.json
      }),
    },
  };
}
