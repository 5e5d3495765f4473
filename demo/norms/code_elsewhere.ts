// The same norm in PyTorch's words and in ONNX's. A dash says that there is no such call.

import { AXES, type Shape4 } from "../base/shape";
import { OPERATIONS, type OperationId } from "../numbers/operations";
import { axesOfTokens, codeOf } from "./code";
import type { Partition } from "./partition";
import { FREE, type NormId, presetOf, type ViewId } from "./presets";
import { WINDOW } from "./statistics";

export type CodeEntry = readonly [name: string, code: string];

type Words = readonly [pytorch: string, onnx: string];
type Write = (shape: Shape4, partition: Partition) => Words;

const NONE = "–";
const list = (values: readonly number[]) => `[${values.join(", ")}]`;
const trailing = ([, ...rest]: Shape4) => list(rest);
const rms = (axes: string) => `x * (x.square().mean(${axes}, keepdim=True) + 1e-5).rsqrt()`;

const ELSEWHERE: Readonly<Record<Exclude<NormId, typeof FREE>, Write>> = {
  batch: () => [
    "F.batch_norm(x, None, None, training=True)",
    "BatchNormalization(x, scale, B, mean, var, training_mode=1)",
  ],
  ghost: (_, { split }) => [
    `torch.cat([F.batch_norm(part, None, None, training=True) for part in x.chunk(${split})])`,
    NONE,
  ],
  sync: ([, c]) => [`nn.SyncBatchNorm(${c})(x)`, NONE],
  renorm: () => [NONE, NONE],
  meanVariance: () => [
    "(x - x.mean((0, 2, 3), keepdim=True)) / (x.std((0, 2, 3), correction=0, keepdim=True) + 1e-9)",
    "MeanVarianceNormalization(x, axes=[0, 2, 3])",
  ],
  layer: (shape) => [`F.layer_norm(x, ${trailing(shape)})`, "LayerNormalization(x, scale, axis=1)"],
  group: (_, { groups }) => [
    `F.group_norm(x, ${groups})`,
    `GroupNormalization(x, scale, bias, num_groups=${groups})`,
  ],
  instance: () => ["F.instance_norm(x)", "InstanceNormalization(x, scale, B)"],
  rms: (shape) => [
    `F.rms_norm(x, ${trailing(shape)}, eps=1e-5)`,
    "RMSNormalization(x, scale, axis=1)",
  ],
  filterResponse: () => [rms("(2, 3)"), NONE],
  globalResponse: () => [
    "g = x.norm(dim=(2, 3), keepdim=True); y = x * g / g.mean(1, keepdim=True) + x",
    NONE,
  ],
  channels: ([, c]) => [
    `F.layer_norm(x.movedim(1, -1), [${c}]).movedim(-1, 1)`,
    "Transpose, LayerNormalization(axis=-1), Transpose",
  ],
  pixel: () => [rms("1"), "Transpose, RMSNormalization(axis=-1), Transpose"],
  lp: () => ["F.normalize(x, dim=1)", "LpNormalization(x, axis=1, p=2)"],
  localResponse: () => {
    const { size, alpha, beta, k } = WINDOW;
    return [
      `F.local_response_norm(x, ${size}, alpha=${alpha}, beta=${beta}, k=${k})`,
      `LRN(x, size=${size}, alpha=${alpha}.0, beta=${beta}, bias=${k}.0)`,
    ];
  },
  softmax: () => ["x.softmax(1)", "Softmax(x, axis=1)"],
  logSoftmax: () => ["x.log_softmax(1)", "LogSoftmax(x, axis=1)"],
  weight: () => ["g * F.normalize(x.flatten(1)).view_as(x)", NONE],
  weightStandardize: (shape) => [`F.layer_norm(x, ${trailing(shape)})`, NONE],
  evaluation: () => [
    "F.batch_norm(x, running_mean, running_var)",
    "BatchNormalization(x, scale, B, mean, var)",
  ],
  given: () => ["F.batch_norm(x, mean, variance)", "BatchNormalization(x, scale, B, mean, var)"],
  tanh: () => ["torch.tanh(alpha * x)", "Tanh(Mul(alpha, x))"],
};

const axesOfPictures = ({ axes }: Partition) => axes.map((axis) => AXES.indexOf(axis));

/** The code of a norm in three worlds. */
export function codesOf(
  view: ViewId,
  id: NormId,
  shape: Shape4,
  partition: Partition,
): readonly CodeEntry[] {
  const own: CodeEntry = ["webgpu-norm", codeOf(view, id, shape, partition)];
  const isOwn = id !== FREE && (view === "images" || id === "tanh");
  const [pytorch, onnx] = isOwn
    ? ELSEWHERE[id](shape, partition)
    : byOperation(view, id, partition);
  return [own, ["PyTorch", pytorch], ["ONNX", onnx]];
}

function byOperation(view: ViewId, id: NormId, partition: Partition): Words {
  const axes = list(view === "tokens" ? axesOfTokens(partition) : axesOfPictures(partition));
  const { operation } = presetOf(id, view);
  if (operation === "logSoftmax") return ["x.log_softmax(2)", "LogSoftmax(x, axis=2)"];
  const { pytorch, onnx } = OPERATIONS[operation as OperationId];
  return [pytorch(axes), onnx(axes)];
}

/** The gradient of a norm, in the words of its forward. */
export const gradientsOf = (codes: readonly CodeEntry[]): readonly CodeEntry[] =>
  codes.map(([name, code]) => {
    if (name === "ONNX") return [name, NONE];
    if (name === "PyTorch") return [name, `torch.autograd.grad(${code}, x, dy)`];
    const [, operation, , options] = /(\w+)\(x(, \{ (.*) \})?\)/.exec(code) ?? [];
    return [name, `${operation}Backward(dy, { ${["x", options].filter(Boolean).join(", ")} })`];
  });
