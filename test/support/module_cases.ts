// These are the modules that PyTorch itself does not have, each with the operation and options whose
// reference judges it (test/nn/float64).

import type { Context } from "../../src/index";
import * as nn from "../../src/nn/index";

interface ModuleCase {
  readonly module: keyof typeof nn;
  readonly title: string;
  readonly make: (ctx: Context) => nn.NormModule;
  readonly operation: string;
  readonly options?: object;
  /** The options that take the entries of the state. */
  readonly state: Readonly<Record<string, string>>;
  readonly shape: readonly number[];
}

const AFFINE = { weight: "weight", bias: "bias" };

export const moduleCases: readonly ModuleCase[] = [
  {
    module: "LayerNorm2d",
    title: "LayerNorm2d of NCHW",
    make: (ctx) => new nn.LayerNorm2d(ctx, 5),
    operation: "layerNorm",
    options: { axes: [1], eps: 1e-6 },
    state: AFFINE,
    shape: [2, 5, 3, 4],
  },
  {
    module: "LayerNorm2d",
    title: "LayerNorm2d of NHWC, without bias, with an activation",
    make: (ctx) =>
      new nn.LayerNorm2d(ctx, 3, {
        ...{ channelAxis: -1, eps: 0.1, bias: false, activation: "silu" },
      }),
    operation: "layerNorm",
    options: { axes: [3], eps: 0.1, activation: "silu" },
    state: { weight: "weight" },
    shape: [2, 3, 3, 3],
  },
  {
    module: "GlobalResponseNorm",
    title: "GlobalResponseNorm",
    make: (ctx) => new nn.GlobalResponseNorm(ctx, 4),
    operation: "globalResponseNorm",
    state: AFFINE,
    shape: [2, 4, 3, 5],
  },
  {
    module: "GlobalResponseNorm",
    title: "GlobalResponseNorm of NHWC",
    make: (ctx) => new nn.GlobalResponseNorm(ctx, 4, { channelAxis: -1, eps: 0.5 }),
    operation: "globalResponseNorm",
    options: { channelAxis: -1, eps: 0.5 },
    state: AFFINE,
    shape: [2, 3, 5, 4],
  },
  {
    module: "FilterResponseNorm",
    title: "FilterResponseNorm",
    make: (ctx) => new nn.FilterResponseNorm(ctx, 4),
    operation: "filterResponseNorm",
    state: { ...AFFINE, tau: "threshold" },
    shape: [3, 4, 2, 5],
  },
  {
    module: "FilterResponseNorm",
    title: "FilterResponseNorm without a threshold",
    make: (ctx) => new nn.FilterResponseNorm(ctx, 4, { threshold: false, eps: -0.1 }),
    operation: "filterResponseNorm",
    options: { eps: -0.1 },
    state: AFFINE,
    shape: [3, 4, 6],
  },
  {
    module: "DynamicTanh",
    title: "DynamicTanh",
    make: (ctx) => new nn.DynamicTanh(ctx, [3, 4]),
    operation: "dynamicTanh",
    options: { normalizedShape: [3, 4] },
    state: { alpha: "alpha", ...AFFINE },
    shape: [5, 3, 4],
  },
  {
    module: "DynamicErf",
    title: "DynamicErf",
    make: (ctx) => new nn.DynamicErf(ctx, 6),
    operation: "dynamicErf",
    options: { normalizedShape: [6] },
    state: { alpha: "alpha", ...AFFINE, shift: "offset" },
    shape: [4, 6],
  },
  {
    module: "DynamicErf",
    title: "DynamicErf without weight and bias",
    make: (ctx) => new nn.DynamicErf(ctx, 6, { elementwiseAffine: false }),
    operation: "dynamicErf",
    options: { normalizedShape: [6] },
    state: { alpha: "alpha", shift: "offset" },
    shape: [4, 6],
  },
  {
    module: "LayerNorm",
    title: "LayerNorm with the slopes of prelu",
    make: (ctx) => {
      const activation = { name: "prelu", alpha: ctx.tensor([0.25], [1]) } as const;
      return new nn.LayerNorm(ctx, 6, { activation });
    },
    operation: "layerNorm",
    options: { normalizedShape: [6], activation: "leakyRelu" },
    state: { ...AFFINE, slope: "slope" },
    shape: [4, 6],
  },
];
