// What is measured: the operations on shapes that people use them on.

import { batchNorm, groupNorm, instanceNorm, layerNorm, type Tensor } from "../src/index";
import type { Values } from "../test/arrays";
import * as reference from "../test/reference";

type Named<T> = Readonly<Record<"weight" | "bias" | "runningMean" | "runningVar", T>>;

export interface Workload {
  readonly name: string;
  readonly shape: readonly number[];
  /** Length of weight, bias and running statistics. */
  readonly parameters: number;
  readonly run: (x: Tensor, given: Named<Tensor>, out: Tensor) => unknown;
  readonly expected: (x: Values, given: Named<Values>) => reference.Normalized;
}

function layer(shape: readonly number[]): Workload {
  const parameters = shape[1];
  const o = { normalizedShape: [parameters] };
  return {
    name: "LayerNorm",
    shape,
    parameters,
    run: (x, { weight, bias }, out) => layerNorm(x, { ...o, weight, bias, out }),
    expected: (x, { weight, bias }) => reference.layerNorm(x, { ...o, weight, bias }),
  };
}

function batch(name: string, shape: readonly number[], training: boolean): Workload {
  return {
    name,
    shape,
    parameters: shape[1],
    run: (x, given, out) => batchNorm(x, { ...given, training, out }),
    expected: (x, given) => reference.batchNorm(x, { ...given, training }),
  };
}

function instance(shape: readonly number[]): Workload {
  return {
    name: "InstanceNorm",
    shape,
    parameters: shape[1],
    run: (x, { weight, bias }, out) => instanceNorm(x, { weight, bias, out }),
    expected: (x, { weight, bias }) => reference.instanceNorm(x, { weight, bias }),
  };
}

function group(name: string, shape: readonly number[], channelAxis: 1 | -1): Workload {
  const o = { groups: 32, channelAxis };
  return {
    name,
    shape,
    parameters: shape.at(channelAxis) ?? 1,
    run: (x, { weight, bias }, out) => groupNorm(x, { ...o, weight, bias, out }),
    expected: (x, { weight, bias }) => reference.groupNorm(x, { ...o, weight, bias }),
  };
}

export const WORKLOADS: readonly Workload[] = [
  layer([4096, 768]),
  layer([512, 4096]),
  layer([1, 4096]),
  layer([16384, 64]),
  batch("BatchNorm training", [8, 64, 56, 56], true),
  batch("BatchNorm training", [64, 3, 224, 224], true),
  batch("BatchNorm inference", [8, 64, 56, 56], false),
  instance([2, 32, 128, 128]),
  group("GroupNorm(32) NCHW", [2, 128, 64, 64], 1),
  group("GroupNorm(32) NHWC", [2, 64, 64, 128], -1),
];
