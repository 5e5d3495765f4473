// Bad input of prepared operations gives errors, one test per message. The rules are in
// error_cases.ts.

import { expect } from "vitest";
import {
  type Context,
  globalResponseNorm,
  layerNorm,
  layerNormBackward,
  localResponseNorm,
  mean,
  prepare,
  warmup,
} from "../../src/index";
import {
  A_BUFFER,
  caught,
  type ErrorCase,
  expectMessage,
  FROM_BUFFER,
  kitOf,
  rejection,
  testErrors,
} from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";

const ROWS = { shape: [2, 6, 4], normalizedShape: [4] };

/** Records into a pass that is thrown away. */
function record(ctx: Context, encode: (pass: GPUComputePassEncoder) => unknown): void {
  const encoder = ctx.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  try {
    encode(pass);
  } finally {
    pass.end();
  }
}

const PREPARING: ErrorCase[] = [
  [
    "an option that the operation refuses",
    ({ ctx }) => prepare(ctx, layerNorm, { shape: [2, 6], normalizedShape: [4] }),
    ["layerNorm: normalizedShape [4]", "[2, 6]"],
  ],
  [
    "no shape",
    ({ ctx }) => prepare(ctx, layerNorm, { normalizedShape: [4] } as never),
    ["layerNorm: shape undefined", "non-negative integers"],
  ],
  [
    "an unknown type",
    ({ ctx }) => prepare(ctx, layerNorm, { ...ROWS, inputType: "f64" as never }),
    ["layerNorm: inputType", "f64", "bf16"],
  ],
  [
    "a description of another shape",
    ({ ctx }) => prepare(ctx, layerNorm, { ...ROWS, weight: { shape: [6] } }),
    ["layerNorm: weight has shape [6]", "expected [4]"],
  ],
  [
    "a description of an unknown type",
    ({ ctx }) => prepare(ctx, layerNorm, { ...ROWS, weight: { dtype: "i8" as never } }),
    ["layerNorm: weight has dtype", "i8", "bf16"],
  ],
  [
    "a composed operation",
    ({ ctx }) => prepare(ctx, globalResponseNorm as never, { shape: [2, 6, 4] } as never),
    ["prepare: a function", "one plan"],
  ],
  [
    "no operation",
    ({ ctx }) => prepare(ctx, undefined as never, {} as never),
    ["prepare: undefined"],
  ],
  [
    "a parameter's gradient in place",
    ({ ctx }) => {
      const inPlace = { dWeight: "weight" };
      return prepare(ctx, layerNormBackward, { ...ROWS, x: true, weight: true, inPlace });
    },
    ["layerNormBackward: inPlace with dWeight on weight", "no form"],
  ],
  [
    "the sum on what is read after it",
    ({ ctx }) => {
      const options = { ...ROWS, residualOut: true, shift: true } as const;
      return prepare(ctx, layerNorm, { ...options, inPlace: { sum: "shift" } });
    },
    ["layerNorm: inPlace with sum on shift", "no form"],
  ],
  [
    "a statistic in place",
    ({ ctx }) => prepare(ctx, mean, { shape: [4], inPlace: true }),
    ["mean: inPlace with y on x", "no form"],
  ],
  [
    "windows in place",
    ({ ctx }) => prepare(ctx, localResponseNorm, { shape: [2, 6, 4], size: 3, inPlace: true }),
    ["localResponseNorm: inPlace"],
  ],
  [
    "in place with another type",
    ({ ctx }) => prepare(ctx, layerNorm, { ...ROWS, dtype: "f16", inPlace: true }),
    ["layerNorm: inPlace", "f16", "f32"],
  ],
  [
    "a description where a tensor has to be",
    ({ x }) => layerNorm(x, { normalizedShape: [4], weight: { dtype: "f32" } as never }),
    ["layerNorm: weight is an object", "tensor"],
  ],
];

const RECORDING: ErrorCase[] = [
  [
    "another shape",
    ({ ctx, of }) => {
      const op = prepare(ctx, layerNorm, ROWS);
      record(ctx, (pass) => op.encode(pass, { x: of(2, 6, 5) }));
    },
    ["prepared layerNorm: x has shape [2, 6, 5]", "expected [2, 6, 4] as prepared"],
  ],
  [
    "a tensor of another type",
    ({ ctx }) => {
      const x = ctx.empty([2, 6, 4], { dtype: "f16" });
      record(ctx, (pass) => prepare(ctx, layerNorm, ROWS).encode(pass, { x }));
    },
    ["prepared layerNorm: x has dtype f16", "expected f32 (inputType or dtype) as prepared"],
  ],
  [
    "other strides",
    ({ ctx, buffer }) => {
      const op = prepare(ctx, layerNorm, ROWS);
      const x = ctx.fromBuffer(buffer(), { shape: [2, 6, 4], strides: [4, 8, 1] });
      record(ctx, (pass) => op.encode(pass, { x }));
    },
    ["prepared layerNorm: x has strides [4, 8, 1]", "expected [24, 4, 1]"],
  ],
  [
    "another place within 256 bytes",
    ({ ctx, buffer }) => {
      const op = prepare(ctx, layerNorm, ROWS);
      const x = ctx.fromBuffer(buffer(), { shape: [2, 6, 4], offset: 16 });
      record(ctx, (pass) => op.encode(pass, { x }));
    },
    ["prepared layerNorm: x starts 4 elements after", "256 bytes", "expected 0"],
  ],
  [
    "a missing tensor",
    ({ ctx, x }) => {
      const op = prepare(ctx, layerNorm, { ...ROWS, weight: true });
      record(ctx, (pass) => op.encode(pass, { x }));
    },
    ["prepared layerNorm: weight is missing", "tensor"],
  ],
  [
    "a missing result that was to come",
    ({ ctx, x }) => {
      const op = prepare(ctx, layerNorm, { ...ROWS, out: true });
      record(ctx, (pass) => op.encode(pass, { x }));
    },
    ["prepared layerNorm: y is missing", "tensor"],
  ],
  [
    "a name that it does not know",
    ({ ctx, x }) => {
      const op = prepare(ctx, layerNorm, { ...ROWS, weight: true });
      record(ctx, (pass) => op.encode(pass, { x, wieght: x }));
    },
    ["prepared layerNorm: wieght is given", "x, weight, y"],
  ],
  [
    "a buffer instead of a tensor",
    ({ ctx, buffer }) => {
      const op = prepare(ctx, layerNorm, ROWS);
      record(ctx, (pass) => op.encode(pass, { x: buffer() as never }));
    },
    [`prepared layerNorm: x is ${A_BUFFER}`, FROM_BUFFER],
  ],
  [
    "a destroyed tensor",
    ({ ctx, of }) => {
      const op = prepare(ctx, layerNorm, ROWS);
      const x = of(2, 6, 4);
      x.destroy();
      record(ctx, (pass) => op.encode(pass, { x }));
    },
    ["prepared layerNorm: x is destroyed", "live"],
  ],
  [
    "a destroyed tensor among the options",
    ({ ctx, x, of }) => {
      const weight = of(4);
      const op = prepare(ctx, layerNorm, { ...ROWS, weight });
      weight.destroy();
      record(ctx, (pass) => op.encode(pass, { x }));
    },
    ["prepared layerNorm: weight is destroyed", "live"],
  ],
  [
    "x as the result, where that was not prepared",
    ({ ctx, x }) => {
      const op = prepare(ctx, layerNorm, ROWS);
      record(ctx, (pass) => op.encode(pass, { x, y: x }));
    },
    ["prepared layerNorm: y shares its buffer with x", "another buffer, or x itself (inPlace)"],
  ],
  [
    "x as the sum, where that was not prepared",
    ({ ctx, x }) => {
      const op = prepare(ctx, layerNorm, { ...ROWS, residualOut: true });
      record(ctx, (pass) => op.encode(pass, { x, sum: x }));
    },
    ["prepared layerNorm: sum shares its buffer with x", "inPlace"],
  ],
  [
    "two arrays in one place that were one",
    ({ ctx, x, of }) => {
      const inPlace = { y: "x" };
      const op = prepare(ctx, layerNorm, { ...ROWS, residual: x, out: x, inPlace });
      record(ctx, (pass) => op.encode(pass, { x: of(2, 6, 4) }));
    },
    ["prepared layerNorm: ", "is apart from", "one array as prepared"],
  ],
  [
    "a result beside x, in place",
    ({ ctx, x, of }) => {
      const op = prepare(ctx, layerNorm, { ...ROWS, inPlace: true });
      record(ctx, (pass) => op.encode(pass, { x, y: of(2, 6, 4) }));
    },
    ["prepared layerNorm: y is given", "x"],
  ],
  [
    "a destroyed operation",
    ({ ctx, x }) => {
      const op = prepare(ctx, layerNorm, ROWS);
      op.destroy();
      record(ctx, (pass) => op.encode(pass, { x }));
    },
    ["prepared layerNorm: it is destroyed", "live"],
  ],
  [
    "no pass",
    ({ ctx, x }) => prepare(ctx, layerNorm, ROWS).encode(undefined as never, { x }),
    ["prepared layerNorm: undefined", "GPUComputePassEncoder"],
  ],
];

testErrors([...PREPARING, ...RECORDING]);

test("a tensor of another device", async ({ ctx, freshContext }) => {
  const other = await freshContext();
  const op = prepare(ctx, layerNorm, ROWS);
  const x = kitOf(other).x;
  const error = caught(() => record(ctx, (pass) => op.encode(pass, { x })));
  expectMessage(error, ["prepared layerNorm: x is on another device"]);
});

test("a destroyed context, and a lost device", async ({ freshContext }) => {
  const ctx = await freshContext();
  const { x } = kitOf(ctx);
  const op = prepare(ctx, layerNorm, ROWS);
  ctx.destroy();
  expectMessage(
    caught(() => op.encode(undefined as never, { x })),
    ["prepared layerNorm: the context"],
  );
  expectMessage(
    caught(() => prepare(ctx, mean, { shape: [4] })),
    ["prepare: the context"],
  );
  expectMessage(await rejection(warmup(ctx, [])), ["warmup: the context is destroyed"]);
});

test("warmup of what no operation takes", async ({ ctx }) => {
  const error = await rejection(warmup(ctx, [[layerNorm, { shape: [2], normalizedShape: [3] }]]));
  expectMessage(error, ["layerNorm: normalizedShape [3]"]);
});

test("what is too large for the GPU is an error, and leaves nothing behind", async ({
  freshContext,
}) => {
  const ctx = await freshContext();
  const bytes = ctx.device.limits.maxBufferSize + 4;
  const { made, live } = watchBuffers(ctx.device);
  const error = caught(() =>
    prepare(ctx, layerNorm, { shape: [bytes / 4], normalizedShape: [bytes / 4] }),
  );
  expectMessage(error, ["prepared layerNorm:", "maxBufferSize"]);
  expect(made.size).toBeGreaterThan(0); // uniforms
  expect(live.size).toBe(0);
  const op = prepare(ctx, layerNorm, ROWS);
  const encoder = ctx.device.createCommandEncoder();
  const y = op.encode(encoder, { x: kitOf(ctx).x });
  ctx.device.queue.submit([encoder.finish()]);
  expect((await y.read()).length).toBe(48);
});
