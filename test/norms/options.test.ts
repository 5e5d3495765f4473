// Every operation knows its own options and no others, and refuses values that they do not have, at
// the call. The device computes nothing.

import { beforeAll, expect, test, vi } from "vitest";
import { type Context, createContext, NormError, softmax, type Tensor } from "../../src/index";
import { nullDevice } from "../support/null_device";
import { FOREIGN, operationCases, wrongValues } from "../support/option_cases";

vi.setConfig({ testTimeout: 120_000 });

let ctx: Context;
let x: Tensor;

beforeAll(async () => {
  ctx = await createContext({ device: await nullDevice() });
  x = ctx.empty([2, 6, 4]);
});

/** What a call throws or rejects with. */
async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return error instanceof NormError ? error.message : `no NormError: ${error}`;
  }
  return "nothing was refused";
}

test("every operation takes its own options", async () => {
  for (const [name, { call, known, valid }] of operationCases(ctx)) {
    const absent = Object.fromEntries(known.map((option) => [option, undefined]));
    await call(x, { ...absent, ...valid });
    const inherited = Object.create(valid);
    await call(x, inherited);
    expect(
      Object.keys(valid).filter((option) => !known.includes(option)),
      name,
    ).toEqual([]);
  }
});

test("no operation takes an option by another name", async () => {
  let calls = 0;
  for (const [name, { call, known, valid }] of operationCases(ctx)) {
    for (const foreign of FOREIGN) {
      if (known.includes(foreign)) continue;
      calls++;
      const message = await refusal(() => call(x, { ...valid, [foreign]: 1 }));
      expect(message).toMatch(new RegExp(`^${name}: unknown option ${foreign}, `));
      const [, meant] = /did you mean (\w+)$/.exec(message) ?? [];
      if (meant) expect(known, message).toContain(meant);
      else expect(message).toContain(`expected { ${known.join(", ")} }`);
      expect(await refusal(() => call(x, { ...valid, [foreign]: undefined }))).toBe(message);
    }
  }
  expect(calls).toBeGreaterThan(1000);
});

test("no operation takes an option of another one", async () => {
  const cases = operationCases(ctx);
  const all = new Set([...cases.values()].flatMap(({ known }) => known));
  for (const [name, { call, known, valid }] of cases) {
    for (const option of all) {
      if (known.includes(option)) continue;
      const message = await refusal(() => call(x, { ...valid, [option]: undefined }));
      expect(message).toMatch(new RegExp(`^${name}: unknown option ${option}, `));
    }
  }
});

test("no option takes a value of another type", async () => {
  let calls = 0;
  const taken: string[] = [];
  for (const [name, { call, known, valid }] of operationCases(ctx)) {
    for (const option of known) {
      for (const value of wrongValues(name, option)) {
        calls++;
        const message = await refusal(() => call(x, { ...valid, [option]: value }));
        const at = name.startsWith("sync") ? /^(syncB|b)atchNorm\w*: / : new RegExp(`^${name}: `);
        if (!at.test(message)) taken.push(`${name} ${option} ${String(value)}: ${message}`);
      }
    }
  }
  expect(taken).toEqual([]);
  expect(calls).toBeGreaterThan(2000);
});

test("options are an object, the second argument and the last", async () => {
  for (const [name, { call }] of operationCases(ctx)) {
    for (const options of [null, 3, "f16", [4], x, new Map(), Promise.resolve()]) {
      const message = await refusal(() => call(x, options));
      expect(message).toMatch(
        new RegExp(`^${name}: (options is .*, expected \\{ |unknown option)`),
      );
    }
  }
  const extra = softmax as unknown as (...all: unknown[]) => unknown;
  expect(await refusal(() => extra(x, {}, { axes: [0] }))).toBe(
    "softmax: 3 arguments, expected x and options",
  );
});

test.each([
  ["softmax", "axis", "axes"],
  ["softmax", "dim", "axes"],
  ["mean", "keepdims", "keepdim"],
  ["mean", "keep_dims", "keepdim"],
  ["variance", "unbiased", "correction"],
  ["layerNorm", "epsilon", "eps"],
  ["layerNorm", "gamma", "weight"],
  ["layerNorm", "beta", "bias"],
  ["layerNorm", "axis", "normalizedShape"],
  ["layerNorm", "normalized_shape", "normalizedShape"],
  ["layerNorm", "wieght", "weight"],
  ["layerNorm", "bais", "bias"],
  ["layerNorm", "ouput", "out"],
  ["layerNorm", "dType", "dtype"],
  ["layerNorm", "type", "dtype"],
  ["batchNorm", "axis", "channelAxis"],
  ["batchNorm", "running_mean", "runningMean"],
  ["batchNorm", "moving_mean", "runningMean"],
  ["batchNorm", "moving_variance", "runningVar"],
  ["batchNorm", "train", "training"],
  ["groupNorm", "num_groups", "groups"],
  ["groupNorm", "numGroups", "groups"],
  ["weightNorm", "axis", "dim"],
  ["rmsNorm", "weightOfset", "weightOffset"],
])("%s: %s is known as %s", async (name, foreign, ours) => {
  const { call, valid } = operationCases(ctx).get(name) ?? {};
  expect(await refusal(() => call?.(x, { ...valid, [foreign]: 1 }))).toBe(
    `${name}: unknown option ${foreign}, did you mean ${ours}`,
  );
});
