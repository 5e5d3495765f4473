// What the page measures: an operation, its shape, and what is fused with it.

import {
  batchNorm,
  batchNormBackward,
  type Context,
  type DType,
  groupNorm,
  groupNormBackward,
  instanceNorm,
  instanceNormBackward,
  layerNorm,
  layerNormBackward,
  type PlannableOperation,
  rmsNorm,
  rmsNormBackward,
  type Tensor,
} from "../../src/index";

interface Operation {
  readonly label: string;
  readonly forward: unknown;
  readonly backward: unknown;
  readonly options: (shape: readonly number[]) => Readonly<Record<string, unknown>>;
}

const last = (shape: readonly number[]) => ({ normalizedShape: [shape.at(-1) as number] });

export const OPERATIONS = {
  layer: {
    ...{ label: "LayerNorm, last axis", forward: layerNorm, backward: layerNormBackward },
    options: last,
  },
  rms: {
    ...{ label: "RMSNorm, last axis", forward: rmsNorm, backward: rmsNormBackward },
    options: last,
  },
  batch: {
    ...{ label: "BatchNorm, training", forward: batchNorm, backward: batchNormBackward },
    options: () => ({ training: true }),
  },
  group: {
    ...{ label: "GroupNorm, 8 groups", forward: groupNorm, backward: groupNormBackward },
    options: () => ({ groups: 8 }),
  },
  instance: {
    ...{ label: "InstanceNorm", forward: instanceNorm, backward: instanceNormBackward },
    options: () => ({}),
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

export const SHAPES = {
  rows: { label: "4,096 rows of 768", shape: [4096, 768] },
  long: { label: "512 rows of 4,096", shape: [512, 4096] },
  pictures: { label: "8 × 64 × 56 × 56", shape: [8, 64, 56, 56] },
  large: { label: "16 × 32 × 112 × 112", shape: [16, 32, 112, 112] },
} as const;

export type ShapeId = keyof typeof SHAPES;

export const DTYPES = ["f32", "f16", "bf16"] as const satisfies readonly DType[];

/** Channels are the second axis: [4096, 768] has 768 of them. */
export interface Problem {
  readonly operation: OperationId;
  readonly shape: ShapeId;
  readonly dtype: DType;
}

interface Kernel {
  readonly label: string;
  /** Reads and writes of arrays of x's size. */
  readonly arrays: number;
  run(): void;
}

type Call = (first: Tensor, options: object) => unknown;

/** Makes the arrays of a problem and the calls that are timed; `end` destroys the arrays. */
export function kernelsOf(ctx: Context, { operation, shape: shapeId, dtype }: Problem) {
  const { forward, backward, options } = OPERATIONS[operation];
  const shape = [...SHAPES[shapeId].shape];
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.37) + (i % 7) * 0.1);
  const [x, residual, dy] = [0, 1, 2].map(() => ctx.tensor(data, shape, { dtype })) as Three;
  const out = ctx.empty(shape, { dtype });
  const own = options(shape);
  const norm = forward as unknown as Call;
  const gradient = backward as unknown as Call;
  const fused = { ...own, residual, activation: "silu", out };
  const kernels: Kernel[] = [
    { label: "forward", arrays: 2, run: () => norm(x, { ...own, out }) },
    { label: "residual + norm + SiLU", arrays: 3, run: () => norm(x, fused) },
    {
      ...{ label: "backward, dx", arrays: 3 },
      run: () => gradient(dy, { ...own, x, gradients: ["dx"], out: { dx: out } }),
    },
  ];
  return {
    ...{ x, out, size, kernels },
    end: () => {
      for (const tensor of [x, residual, dy, out]) tensor.destroy();
    },
  };
}

type Three = [Tensor, Tensor, Tensor];

/** What `explain` and `tune` take. */
export function planned({ operation, shape, dtype }: Problem): [PlannableOperation<never>, never] {
  const { forward, options } = OPERATIONS[operation];
  const dims = [...SHAPES[shape].shape];
  return [forward as never, { shape: dims, dtype, ...options(dims) } as never];
}
