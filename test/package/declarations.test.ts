// The package's declarations compile for users, under several versions of TypeScript.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";
import { buildModules } from "../../scripts/lib/bundle.mjs";
import { buildDeclarations } from "../../scripts/lib/declarations.mjs";

/** A user's program: what comes of one entry is taken by the others. */
const PROGRAM = `
import { createContext, layerNorm, NormError, type Context, type Tensor } from "webgpu-norm";
import * as min from "webgpu-norm/min";
import { BatchNorm, LayerNorm, type NormModule } from "webgpu-norm/nn";
import { MomentsAccumulator } from "webgpu-norm/stream";

const ctx: Context = await createContext();
const x: Tensor = ctx.tensor([1, 2, 3, 4], [2, 2]);
const modules: NormModule[] = [new LayerNorm(ctx, 2), new BatchNorm(ctx, 2)];
const y: Tensor = new LayerNorm(ctx, 2).forward(x);
const { y: z, mean } = layerNorm(y, { normalizedShape: [2], stats: true });
const both: [Tensor, Tensor] = [z, mean];
const sameEverywhere: Tensor = min.layerNorm(x, { normalizedShape: [2] });
const accumulator = new MomentsAccumulator(ctx, { shape: [-1, 2] });
await accumulator.add(x);
const values: Float32Array | Uint16Array = await accumulator.moments().mean.read();
const text: string = new NormError("text").message;
const device: GPUDevice = ctx.device;
// @ts-expect-error: a tensor is no value that a program could make
import { Tensor as made } from "webgpu-norm"; new made();
// @ts-expect-error: a shape is a list of numbers
layerNorm(x, { normalizedShape: "2" });
export { both, device, modules, sameEverywhere, text, values };
`;

const COMPILERS = {
  "5.9": join("typescript-5.9", "bin", "tsc"),
  "6": join("@typescript", "typescript6", "bin", "tsc6"),
  "7": join("typescript", "bin", "tsc"),
};

/** TypeScript 5.9 has no types of WebGPU; later ones have them among the DOM's. */
const CASES = [
  ["5.9", ["@webgpu/types"]],
  ["6", []],
  ["7", []],
] as const;

const user = mkdtempSync(join(tmpdir(), "webgpu-norm-user-"));
const modules = join(user, "node_modules");
const dist = join(modules, "webgpu-norm", "dist");
afterAll(() => rmSync(user, { recursive: true, force: true }));

beforeAll(async () => {
  mkdirSync(dist, { recursive: true });
  symlinkSync(join(root, "package.json"), join(modules, "webgpu-norm", "package.json"));
  mkdirSync(join(modules, "@webgpu"));
  symlinkSync(join(root, "node_modules", "@webgpu", "types"), join(modules, "@webgpu", "types"));
  writeFileSync(join(user, "package.json"), '{ "type": "module" }');
  writeFileSync(join(user, "program.ts"), PROGRAM);
  await buildModules(dist);
  await buildDeclarations(dist);
}, 120_000);

test("there is one file of declarations an entry", () => {
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
  const declarations = files.filter((name) => name.endsWith(".d.ts")).sort();
  expect(declarations).toEqual([
    "index.d.ts",
    join("nn", "index.d.ts"),
    join("stream", "index.d.ts"),
  ]);
});

test.each(CASES)(
  "declarations compile under TypeScript %s with types %j",
  (version, types) => {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      target: "es2022",
      module: "nodenext",
      lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
      types,
    };
    const config = { compilerOptions, files: ["program.ts"] };
    writeFileSync(join(user, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules", COMPILERS[version]);
    const { stdout } = spawnSync(process.execPath, [tsc], { cwd: user, encoding: "utf8" });
    expect(stdout).toBe("");
  },
  60_000,
);
