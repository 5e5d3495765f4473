// The demo's own plugins of its build.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { divided } from "../../scripts/lib/backward_apart";
import { root } from "../../scripts/lib/browser.mjs";
import { withWorkersInside } from "../../scripts/lib/one_file";

test("a norm and its backward come from two modules", () => {
  const code = 'export { type NormOptions, norm, normBackward } from "./norms/norm";';
  expect(divided(code)).toBe(
    'export { type NormOptions, norm } from "./norms/norm";\n' +
      'export { normBackward } from "./norms/norm.ts?backward";',
  );
});

test("no backward is left with its norm", () => {
  const code = divided(readFileSync(join(root, "src/index.ts"), "utf8"));
  const backward = [...code.matchAll(/export \{([^}]*)\} from "\.\/norms\/\w+";/g)]
    .flatMap(([, list]) => list.split(",").map((name) => name.trim()))
    .filter((name) => /^\w+Backward$/.test(name));
  expect(backward).toEqual([]);
  expect(code).toContain('export { layerNormBackward } from "./norms/layer_norm.ts?backward"');
});

test("workers lie in the script that starts them", () => {
  const code = 'const a = new Worker(new URL("./a.ts", import.meta.url), { type: "module" });';
  expect(withWorkersInside(code)).toBe(
    'import Worker0 from "./a.ts?worker&inline";\nconst a = new Worker0();',
  );
});
