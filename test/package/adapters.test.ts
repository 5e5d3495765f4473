import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";
import { adapters, consumers, packagesAreInstalled } from "../../scripts/lib/install.mjs";

for (const [name, folder] of Object.entries({ adapters, consumers })) {
  test.skipIf(!packagesAreInstalled(folder))(
    `the tests of ${name} have the right types, those of the other libraries`,
    () => {
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: root });
      expect(String(stdout)).toBe("");
      expect(status).toBe(0);
    },
    60_000,
  );
}

test("docs/interop.md names the versions that are tested", () => {
  const text = readFileSync(join(root, "docs", "interop.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| "));
  const tested = (name: string) =>
    rows
      .find((row) => row.toLowerCase().startsWith(`| ${name}`))
      ?.split("|")[2]
      ?.trim();
  const { dependencies } = JSON.parse(readFileSync(join(adapters, "package.json"), "utf8"));
  expect(tested("onnxruntime-web")).toBe(dependencies["onnxruntime-web"]);
  expect(tested("transformers.js")).toBe(dependencies["@huggingface/transformers"]);
  expect(tested("tensorflow.js")).toBe(dependencies["@tensorflow/tfjs-core"]);
  expect(tested("jax-js")).toBe(dependencies["@jax-js/jax"]);
  expect(tested("typegpu")).toBe(dependencies.typegpu);
  expect(tested("three.js")).toBe(`r${dependencies.three.split(".")[1]}`);
  const bundlers = JSON.parse(readFileSync(join(consumers, "package.json"), "utf8")).dependencies;
  for (const name of ["esbuild", "webpack", "parcel"]) expect(tested(name)).toBe(bundlers[name]);
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;
  for (const name of ["vite", "rollup"]) expect(own[name]).toBe(`^${tested(name)}`);
});
