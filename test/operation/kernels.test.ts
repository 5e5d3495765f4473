// The snapshots are the joined kernels of common calls. They are the best first page to read of the
// shaders, and a change of a shader file shows in them. `npm run wgsl:snapshots` refreshes them.

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { kernelsOf } from "../../scripts/lib/kernels";

const row = { shape: [512, 768], normalizedShape: [768] };

const CASES: readonly [name: string, operation: string, args: object, dtype?: string][] = [
  ["layer_norm_row", "layerNorm", { ...row, weight: true, bias: true }],
  ["rms_norm_f16", "rmsNorm", { ...row, weight: true }, "f16"],
  ["group_norm_nhwc", "groupNorm", { shape: [1, 128, 128, 512], groups: 32, channelAxis: -1 }],
  ["batch_norm_training", "batchNorm", { shape: [8, 64, 56, 56], training: true }],
  ["layer_norm_backward", "layerNormBackward", { ...row, x: true, weight: true, bias: true }],
  ["softmax", "softmax", { shape: [512, 1000] }],
];

/** A call of several passes has a file for each, with the number of its pass. */
const filesOf = (name: string, kernels: readonly string[]) =>
  kernels.length === 1 ? [name] : kernels.map((_, i) => `${name}_${i + 1}`);

const FOLDER = new URL("../snapshots/", import.meta.url);

test("the folder has the kernels of these calls and no others", () => {
  const made = CASES.flatMap(([name, operation, args, dtype]) =>
    filesOf(name, kernelsOf(operation, args, dtype === undefined ? {} : { dtype })),
  );
  expect(readdirSync(FOLDER).toSorted()).toEqual(made.map((name) => `${name}.wgsl`).toSorted());
});

test.each(CASES)("%s is the kernel in the repository", async (name, operation, args, dtype) => {
  const kernels = kernelsOf(operation, args, dtype === undefined ? {} : { dtype });
  const files = filesOf(name, kernels);
  for (const [i, text] of kernels.entries()) {
    await expect(`${text}\n`).toMatchFileSnapshot(`../snapshots/${files[i]}.wgsl`);
  }
});

test("an operation or a profile that there is none of is an error", () => {
  expect(() => kernelsOf("layernorm", row)).toThrow("layernorm, expected an operation");
  expect(() => kernelsOf("layerNorm", row, { profile: "tpu" })).toThrow("expected gpu or cpu");
  expect(() => kernelsOf("layerNorm", { shape: [2] })).toThrow(/^layerNorm: /);
});
