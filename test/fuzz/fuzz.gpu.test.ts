// The fuzzer works, on the stack that runs the tests: some structures pass, and faults show.
// `npm run fuzz` runs it for long.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { test } from "../support/fixture";
import type { Case } from "./case";
import { Check } from "./check";
import { fuzz, type Step } from "./main";

const work = {
  first: 3,
  structures: 3,
  numbers: 3,
  only: null,
  milliseconds: Number.POSITIVE_INFINITY,
};

test("random structures pass, and each is told", async () => {
  const steps: Step[] = [];
  await fuzz(work, (step) => steps.push(step));
  expect(steps.filter(({ step }) => step === "failure")).toEqual([]);
  const told = steps.map((one) => ("seed" in one ? `${one.step} ${one.seed}` : one.step));
  const each = [3, 4, 5].flatMap((seed) => [`begin ${seed}`, `end ${seed}`]);
  expect(told).toEqual(["device", ...each, "done"]);
});

const plain: Case = {
  seed: 1,
  operation: "layerNorm",
  shape: [5, 33],
  options: { normalizedShape: [33] },
  arrays: { weight: [33] },
  saved: false,
  types: {},
  placings: { x: "padded", weight: "strided", out: "permuted" },
  profile: {},
  overrides: {},
};

/** A context with a fault in it. */
const faulty = (ctx: Context, fault: Partial<Context>) =>
  Object.assign(Object.create(ctx), fault) as Context;

test("the first wrong result is told", async ({ ctx }) => {
  expect(await new Check(ctx, plain).run(0)).toBeNull();
  const tensor: Context["fromBuffer"] = (buffer, { offset: _, ...options }) =>
    ctx.fromBuffer(buffer, options);
  expect(await new Check(faulty(ctx, { fromBuffer: tensor }), plain).run(0)).toMatch(
    /y\[\d+\] is NaN/,
  );
});

test("a write beside the result is told", async ({ ctx }) => {
  const fromBuffer: Context["fromBuffer"] = (buffer, options) => {
    ctx.device.queue.writeBuffer(buffer, 0, new Uint32Array(1));
    return ctx.fromBuffer(buffer, options);
  };
  expect(await new Check(faulty(ctx, { fromBuffer }), plain).run(0)).toMatch(
    /place 0 of the buffer, outside the tensor, changed to 0x0/,
  );
});
