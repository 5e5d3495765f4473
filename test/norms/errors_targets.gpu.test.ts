// Bad tensors for results give errors, one test per message. The rules are in error_cases.ts.

import { expect } from "vitest";
import {
  batchNorm,
  globalResponseNormBackward,
  layerNorm,
  layerNormBackward,
  localResponseNormBackward,
  prepare,
  weightNorm,
  weightNormBackward,
} from "../../src/index";
import {
  A_BUFFER,
  destroyed,
  type ErrorCase,
  type Kit,
  testErrors,
  USAGE,
} from "../support/error_cases";
import { test } from "../support/fixture";

const ROWS = { normalizedShape: [4] };
const shape = [2, 6, 4];

const backward = ({ x, of }: Kit, options: object) =>
  layerNormBackward(x, { ...ROWS, x: of(2, 6, 4), ...options });

const OUT: ErrorCase[] = [
  [
    "a gradient that is not computed",
    (kit) => backward(kit, { out: { dBias: kit.of(4) } }),
    ["layerNormBackward: out has dBias", "expected some of dx"],
  ],
  [
    "a gradient of another shape",
    (kit) => backward(kit, { weight: kit.of(4), out: { dWeight: kit.of(6) } }),
    ["layerNormBackward: out.dWeight has shape [6]", "expected [4]"],
  ],
  [
    "dx of another type than asked for",
    (kit) => backward(kit, { dtype: "f16", out: kit.of(2, 6, 4) }),
    ["layerNormBackward: out.dx has dtype f32", "expected f16"],
  ],
  [
    "elements that overlap",
    (kit) => {
      const dx = kit.ctx.fromBuffer(kit.buffer(), { shape, strides: [4, 4, 1] });
      backward(kit, { out: { dx } });
    },
    ["layerNormBackward: out.dx has strides [4, 4, 1]", "do not overlap"],
  ],
  [
    "a buffer",
    (kit) => backward(kit, { out: kit.buffer() }),
    [`layerNormBackward: out is ${A_BUFFER}`, "tensors by name: dx"],
  ],
  ["a number", (kit) => backward(kit, { out: 3 }), ["layerNormBackward: out is 3", "by name"]],
  [
    "nothing to add to",
    (kit) => backward(kit, { accumulate: true }),
    ["layerNormBackward: out is missing", "accumulate into", "dx"],
  ],
  [
    "a destroyed tensor",
    (kit) => backward(kit, { out: { dx: destroyed(kit.of(2, 6, 4)) } }),
    ["layerNormBackward: out is destroyed", "live"],
  ],
  [
    "sums of nothing in steps",
    ({ ctx, of, buffer }) => {
      const dWeight = ctx.fromBuffer(buffer(), { shape: [4], strides: [2] });
      const x = ctx.empty([0, 4]);
      layerNormBackward(ctx.empty([0, 4]), { ...ROWS, x, weight: of(4), out: { dWeight } });
    },
    ["layerNormBackward: x has no elements and out.dWeight has strides [2]", "contiguous"],
  ],
  [
    "dx on windows",
    ({ x, of }) => localResponseNormBackward(x, { x: of(2, 6, 4), size: 3, out: x }),
    ["localResponseNormBackward: out.dx is x or dy", "windows overlap"],
  ],
  [
    "a gradient that is not computed, of a composed operation",
    ({ x, of }) => globalResponseNormBackward(x, { x: of(2, 6, 4), out: { dBias: of(6) } }),
    ["globalResponseNormBackward: out has dBias", "expected some of dx"],
  ],
  [
    "a tensor for a gradient that is not asked for, of a composed operation",
    ({ x, of }) => {
      const [weight, dx] = [of(6), of(2, 6, 4)];
      globalResponseNormBackward(x, { x, weight, gradients: ["dWeight"], out: { dx } });
    },
    ["globalResponseNormBackward: out has dx", "expected some of dWeight"],
  ],
  [
    "a gradient of what is not given, of a composed operation",
    ({ x, of }) => globalResponseNormBackward(x, { x, weight: of(6), gradients: ["dBias"] }),
    ["globalResponseNormBackward: gradients", "dBias", "expected some of dx, dWeight"],
  ],
  [
    "a gradient that windows do not have",
    ({ x }) => localResponseNormBackward(x, { x, size: 3, gradients: ["dWeight"] }),
    ["localResponseNormBackward: gradients", "dWeight", "expected some of dx"],
  ],
];

const SUMS: ErrorCase[] = [
  [
    "a sum of another shape",
    ({ x, of }) => layerNorm(x, { ...ROWS, residual: of(4), residualOut: of(4) }),
    ["layerNorm: residualOut has shape [4]", "expected [2, 6, 4]"],
  ],
  [
    "a sum that is no tensor",
    ({ x }) => layerNorm(x, { ...ROWS, residualOut: "sum" as never }),
    ['layerNorm: residualOut "sum"', "expected true or false, or a tensor"],
  ],
  [
    "a residual beside the sum in one buffer",
    ({ ctx, x, buffer }) => {
      const both = buffer();
      const residual = ctx.fromBuffer(both, { shape });
      const residualOut = ctx.fromBuffer(both, { shape, offset: 512 });
      layerNorm(x, { ...ROWS, residual, residualOut });
    },
    ["layerNorm: sum shares its buffer with residual", "another buffer, or residual itself"],
  ],
  [
    "two results nearer than 256 bytes",
    ({ ctx, x, buffer }) => {
      const both = buffer();
      const runningMean = ctx.fromBuffer(both, { shape: [6] });
      const runningVar = ctx.fromBuffer(both, { shape: [6], offset: 128 });
      batchNorm(x, { training: true, runningMean, runningVar });
    },
    ["batchNorm: running", "shares its buffer with running", "at multiples of 256 bytes"],
  ],
];

/** Passes of their own may read what an earlier one has overwritten, without a refusal by the GPU. */
const OVERLAPS: ErrorCase[] = [
  [
    "the gradient of a weight in the weight's place",
    (kit) => {
      const weight = kit.of(4);
      backward(kit, { weight, out: { dWeight: weight } });
    },
    ["layerNormBackward: dWeight shares its buffer with weight", "expected another buffer"],
  ],
  [
    "one tensor for two gradients",
    (kit) => {
      const both = kit.of(4);
      const out = { dWeight: both, dBias: both };
      backward(kit, { weight: kit.of(4), bias: kit.of(4), out });
    },
    ["layerNormBackward: d", "shares its buffer with d", "expected another buffer"],
  ],
  [
    "a sum in the place of a shift",
    ({ x, of }) => {
      const shift = of(2, 6, 4);
      layerNorm(x, { ...ROWS, residual: of(2, 6, 4), shift, residualOut: shift });
    },
    ["layerNorm: sum shares its buffer with shift", "expected another buffer"],
  ],
  [
    "running statistics in the place of a weight",
    ({ x, of }) => {
      const [weight, runningVar] = [of(6), of(6)];
      batchNorm(x, { training: true, weight, runningMean: weight, runningVar });
    },
    ["batchNorm: runningMean shares its buffer with weight", "expected another buffer"],
  ],
  [
    "the same in a recording",
    ({ ctx, of }) => {
      const given = { shape: [2, 6, 4], ...ROWS, x: true, weight: true, out: { dWeight: true } };
      const op = prepare(ctx, layerNormBackward, given as never);
      const [x, weight] = [of(2, 6, 4), of(4)];
      const encoder = ctx.device.createCommandEncoder();
      op.encode(encoder, { dy: of(2, 6, 4), x, weight, dWeight: weight });
    },
    ["prepared layerNormBackward: dWeight shares its buffer with weight", "another buffer"],
  ],
];

/** Magnitudes on two axes have the right number, but no place along the filters. */
const MAGNITUDES: ErrorCase[] = [
  [
    "magnitudes on two axes",
    ({ of }) => weightNorm(of(4, 6), { dim: 1, weight: of(2, 3) }),
    ["weightNorm: weight has shape [2, 3]", "expected [6], besides only axes of length 1"],
  ],
  [
    "magnitudes on two axes, backward",
    ({ of }) => weightNormBackward(of(4, 6), { x: of(4, 6), dim: 1, weight: of(3, 1, 2) }),
    ["weightNormBackward: weight has shape [3, 1, 2]", "expected [6]"],
  ],
  [
    "several magnitudes for one norm",
    ({ of }) => weightNorm(of(4, 6), { dim: null, weight: of(4) }),
    ["weightNorm: weight has shape [4]", "expected [1]"],
  ],
];

testErrors([...OUT, ...SUMS, ...OVERLAPS, ...MAGNITUDES]);

test("results apart by 256 bytes share a buffer", async ({ ctx }) => {
  const usage = USAGE.storage | USAGE.copySrc;
  const both = ctx.device.createBuffer({ size: 512, usage });
  const dWeight = ctx.fromBuffer(both, { shape: [4] });
  const dBias = ctx.fromBuffer(both, { shape: [4], offset: 256 });
  const [dy, x, one] = [
    [1, 2, 3, 4],
    [4, 2, 1, 1],
    [1, 1, 1, 1],
  ].map((v) => ctx.tensor(v, [1, 4]));
  const affine = { weight: one.reshape([4]), bias: one.reshape([4]) };
  const options = { ...ROWS, x, ...affine };
  const wanted = await layerNormBackward(dy, options).dWeight.read();
  layerNormBackward(dy, { ...options, out: { dWeight, dBias } });
  expect(await dWeight.read()).toEqual(wanted);
  expect(await dBias.read()).toEqual(Float32Array.of(1, 2, 3, 4));
  both.destroy();
});

test("sums of nothing: written as zeros where they belong, or nothing is added", async ({
  ctx,
}) => {
  const all = ctx.tensor([1, 2, 3, 4, 5, 6, 7, 8], [8]);
  const [dy, x, weight] = [ctx.empty([0, 4]), ctx.empty([0, 4]), ctx.tensor([1, 1, 1, 1], [4])];
  const dWeight = ctx.fromBuffer(all.buffer, { shape: [4], offset: 8 });
  layerNormBackward(dy, { ...ROWS, x, weight, out: { dWeight }, accumulate: true });
  expect(await all.read()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  layerNormBackward(dy, { ...ROWS, x, weight, out: { dWeight } });
  expect(await all.read()).toEqual(Float32Array.of(1, 2, 0, 0, 0, 0, 7, 8));
});
