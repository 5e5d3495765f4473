// This file calls the four norms of the library. Their shared axes are data in shapes.ts.

import {
  batchNorm,
  type Context,
  explain,
  groupNorm,
  instanceNorm,
  layerNorm,
  type Tensor,
} from "../src/index";
import type { NormId, Shape4 } from "./shapes";

export interface NormOptions {
  groups: number;
  eps: number;
}

interface NormCall {
  run(x: Tensor, options: NormOptions, out?: Tensor): Tensor;
  plan(context: Context, shape: Shape4, options: NormOptions): string;
}

export const CALLS: Readonly<Record<NormId, NormCall>> = {
  batch: {
    run: (x, { eps }, out) => batchNorm(x, { training: true, eps, out }),
    plan: (context, shape, { eps }) =>
      String(explain(context, batchNorm, { shape: [...shape], training: true, eps })),
  },
  layer: {
    run: (x, { eps }, out) => layerNorm(x, { normalizedShape: x.shape.slice(1), eps, out }),
    plan: (context, shape, { eps }) =>
      String(
        explain(context, layerNorm, { shape: [...shape], normalizedShape: shape.slice(1), eps }),
      ),
  },
  instance: {
    run: (x, { eps }, out) => instanceNorm(x, { eps, out }),
    plan: (context, shape, { eps }) =>
      String(explain(context, instanceNorm, { shape: [...shape], eps })),
  },
  group: {
    run: (x, { groups, eps }, out) => groupNorm(x, { groups, eps, out }),
    plan: (context, shape, { groups, eps }) =>
      String(explain(context, groupNorm, { shape: [...shape], groups, eps })),
  },
};
