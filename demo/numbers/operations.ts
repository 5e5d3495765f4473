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

export interface Request {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly dtype: DType;
}

interface Operation {
  readonly label: string;
  readonly call: (x: Tensor, axes: readonly number[]) => Tensor;
  /** The result of one set, in float64. */
  readonly reference: (values: readonly number[]) => number[];
  readonly code: (axes: string) => string;
  readonly pytorch: (axes: string) => string;
  readonly onnx: (axes: string) => string;
}

const EPS = 1e-5;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function standardized(values: readonly number[]): number[] {
  const pivot = values[0] ?? 0;
  const centre = pivot + mean(values.map((value) => value - pivot));
  const deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) + EPS);
  return values.map((value) => (value - centre) / deviation);
}

export const OPERATIONS = {
  standardize: {
    label: "mean 0, deviation 1",
    call: (x, axes) => standardize(x, { axes }),
    reference: standardized,
    code: (axes) => `standardize(x, { axes: ${axes} })`,
    pytorch: (axes) =>
      `(x - x.mean(${axes}, keepdim=True)) / (x.var(${axes}, correction=0, keepdim=True) + 1e-5).sqrt()`,
    onnx: (axes) => `MeanVarianceNormalization(axes=${axes})  # eps on the deviation`,
  },
  rmsNorm: {
    label: "root mean square 1",
    call: (x, axes) => rmsNorm(x, { axes, eps: EPS }),
    reference: (values) => {
      const rms = Math.sqrt(mean(values.map((value) => value ** 2)) + EPS);
      return values.map((value) => value / rms);
    },
    code: (axes) => `rmsNorm(x, { axes: ${axes}, eps: 1e-5 })`,
    pytorch: (axes) => `x * (x.square().mean(${axes}, keepdim=True) + 1e-5).rsqrt()`,
    onnx: () => "RMSNormalization(axis=..., epsilon=1e-5)  # trailing axes",
  },
  lpNormalize: {
    label: "length 1",
    call: (x, axes) => lpNormalize(x, { axes }),
    reference: (values) => {
      const length = Math.max(1e-12, Math.hypot(...values));
      return values.map((value) => value / length);
    },
    code: (axes) => `lpNormalize(x, { axes: ${axes} })`,
    pytorch: (axes) => `torch.nn.functional.normalize(x, dim=${axes})`,
    onnx: () => "LpNormalization(p=2, axis=...)  # one axis",
  },
  softmax: {
    label: "softmax",
    call: (x, axes) => softmax(x, { axes }),
    reference: (values) => {
      const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
      const terms = values.map((value) => Math.exp(value - most));
      const sum = terms.reduce((a, b) => a + b, 0);
      return terms.map((term) => term / sum);
    },
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
  for (const members of groups.values()) {
    const own = OPERATIONS[id].reference(members.map((i) => values[i] as number));
    for (const [k, i] of members.entries()) result[i] = own[k] as number;
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
