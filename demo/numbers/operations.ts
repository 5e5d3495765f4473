// What a visitor can do with numbers of any shape: the call of the library, float64 beside it, and the
// same in PyTorch's and ONNX's words.

import {
  type Context,
  type DType,
  lpNormalize,
  rmsNorm,
  softmax,
  standardize,
  type Tensor,
} from "../../src/index";
import { STATISTICS, type StatisticId } from "../norms/statistics";

export interface Request {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly dtype: DType;
}

interface Operation {
  readonly label: string;
  readonly call: (x: Tensor, axes: readonly number[]) => Tensor;
  /** What a set shares, and how it is applied, in float64. */
  readonly statistic: StatisticId;
  readonly code: (axes: string) => string;
  readonly pytorch: (axes: string) => string;
  readonly onnx: (axes: string) => string;
}

const EPS = 1e-5;
export const OPERATIONS = {
  standardize: {
    label: "mean 0, deviation 1",
    call: (x, axes) => standardize(x, { axes }),
    statistic: "moments",
    code: (axes) => `standardize(x, { axes: ${axes} })`,
    pytorch: (axes) =>
      `(x - x.mean(${axes}, keepdim=True)) / (x.var(${axes}, correction=0, keepdim=True) + 1e-5).sqrt()`,
    onnx: (axes) => `MeanVarianceNormalization(axes=${axes})  # eps on the deviation`,
  },
  rmsNorm: {
    label: "root mean square 1",
    call: (x, axes) => rmsNorm(x, { axes, eps: EPS }),
    statistic: "meanSquare",
    code: (axes) => `rmsNorm(x, { axes: ${axes}, eps: 1e-5 })`,
    pytorch: (axes) => `x * (x.square().mean(${axes}, keepdim=True) + 1e-5).rsqrt()`,
    onnx: () => "RMSNormalization(axis=..., epsilon=1e-5)  # trailing axes",
  },
  lpNormalize: {
    label: "length 1",
    call: (x, axes) => lpNormalize(x, { axes }),
    statistic: "norm",
    code: (axes) => `lpNormalize(x, { axes: ${axes} })`,
    pytorch: (axes) => `torch.nn.functional.normalize(x, dim=${axes})`,
    onnx: () => "LpNormalization(p=2, axis=...)  # one axis",
  },
  softmax: {
    label: "softmax",
    call: (x, axes) => softmax(x, { axes }),
    statistic: "softmax",
    code: (axes) => `softmax(x, { axes: ${axes} })`,
    pytorch: () => "x.softmax(dim=...)  # one axis",
    onnx: () => "Softmax(axis=...)  # one axis",
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

/** Groups the values by the axes that are kept, and applies the float64 formula to each group. */
export function inFloat64(id: OperationId, { values, shape, axes }: Request): Float64Array {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < values.length; i++) {
    let [rest, group] = [i, 0];
    let scale = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] as number;
      if (!axes.includes(axis)) {
        group += (rest % length) * scale;
        scale *= length;
      }
      rest = Math.floor(rest / length);
    }
    const members = groups.get(group);
    if (members) members.push(i);
    else groups.set(group, [i]);
  }
  const result = new Float64Array(values.length);
  const { of, apply } = STATISTICS[OPERATIONS[id].statistic];
  for (const members of groups.values()) {
    const shared = of(
      members.map((i) => values[i] as number),
      EPS,
    );
    for (const i of members) result[i] = apply(values[i] as number, shared);
  }
  return result;
}

export async function onGpu(
  ctx: Context,
  id: OperationId,
  { values, shape, axes, dtype }: Request,
): Promise<{ y: Float32Array; x: Float32Array }> {
  const input = ctx.tensor(values, shape, { dtype });
  const result = OPERATIONS[id].call(input, axes);
  const [x, y] = await Promise.all([input.read(), result.read()]);
  input.destroy();
  result.destroy();
  return { x, y };
}
