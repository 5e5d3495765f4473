/**
 * What two builds are compared by: the rows of the operations table under their public names, and what is
 * made of several operations, on the table's problems. Nothing of the library itself is called from here,
 * only what a build exports.
 */
import type * as index from "../src/index";
import type { Context, Moments, Tensor } from "../src/index";
import type * as nn from "../src/nn/index";
import type * as stream from "../src/stream/index";
import { channelOf } from "./operation_parts";
import { rows as table } from "./operations";
import type { Operation, Options } from "./problems";

/** A build's three entries. */
export interface Build {
  readonly index: typeof index;
  readonly nn: typeof nn;
  readonly stream: typeof stream;
}

type Name = "dy" | "weight" | "bias" | "runningMean" | "runningVar" | "residual";

/** A problem's options and tensors. */
export type Given = Omit<Options, "alpha"> & { readonly [name in Name]?: Tensor };

export interface Row {
  readonly name: string;
  readonly direction: "forward" | "backward" | "both";
  /** The table's, whose problems these are. */
  readonly operation: Operation;
  /** Whether it can be told where its result goes. */
  readonly out: boolean;
  /** Tensors, arrays and numbers, in objects or not. */
  run(build: Build, ctx: Context, x: Tensor, given: Given): object | Promise<object>;
}

type Exported = (first: Tensor, options: object) => object;

const exportedBy = ({ index }: Build, name: string) => {
  return (index as unknown as Record<string, Exported>)[name];
};

function rowOf(operation: Operation): Row {
  const { name, kind } = operation;
  const own = { name: name.replace(/Backward$/, ""), operation };
  if (kind !== "gradient") {
    const out = name !== "moments";
    const run: Row["run"] = (build, _, x, given) => exportedBy(build, name)(x, given);
    return { ...own, direction: "forward", out, run };
  }
  const run: Row["run"] = (build, _, x, { dy, ...given }) =>
    exportedBy(build, name)(dy as Tensor, { ...given, x });
  return { ...own, direction: "backward", out: false, run };
}

/** The table's row of this name, with some options as they are given here. */
function named(name: string, fixed: Options = {}): Operation {
  const row = table.find((operation) => operation.name === name) as Operation;
  const options: Operation["options"] = (random, shape) => ({
    ...row.options(random, shape),
    ...fixed,
  });
  return { ...row, options };
}

const LEARNING: Options = { training: true, virtualBatchSize: undefined, momentum: 0.5 };
const ALONE = { out: false } as const;

/** What syncBatchNorm and its backward both take. */
function shared({ weight, bias, eps, channelAxis, activation }: Given) {
  return { weight, bias, eps, channelAxis, activation };
}

function channelMoments({ index }: Build, x: Tensor, given: Given): Moments {
  const channel = channelOf(x.shape, given);
  return index.moments(x, { axes: [...x.shape.keys()].filter((axis) => axis !== channel) });
}

const synchronized: readonly Row[] = [
  {
    name: "syncBatchNorm",
    direction: "forward",
    operation: named("batchNorm", LEARNING),
    ...ALONE,
    run: ({ index }, _, x, given) => {
      const { runningMean, runningVar, momentum } = given;
      const running = { runningMean, runningVar, momentum: momentum ?? undefined };
      return index.syncBatchNorm(x, { ...shared(given), ...running, allReduce: (all) => all });
    },
  },
  {
    name: "syncBatchNorm",
    direction: "backward",
    operation: named("batchNormBackward", LEARNING),
    ...ALONE,
    run: (build, _, x, given) => {
      const moments = channelMoments(build, x, given);
      const own = { ...shared(given), x, moments, allReduce: <T>(sums: T) => sums };
      return build.index.syncBatchNormBackward(given.dy as Tensor, own);
    },
  },
];

/** Parts of one array and of another, which has another mean. */
const mergeMoments: Row = {
  name: "mergeMoments",
  direction: "forward",
  operation: {
    ...named("moments"),
    parameters: (_, shape) => ({ residual: shape }),
    needs: ["residual"],
  },
  ...ALONE,
  run: ({ index }, _, x, { residual, ...given }) => {
    const parts = [x, residual as Tensor, x].map((part) => index.moments(part, given));
    return index.mergeMoments(parts);
  },
};

const accumulator: Row = {
  name: "MomentsAccumulator",
  direction: "forward",
  operation: named("moments", { axes: [0] }),
  ...ALONE,
  run: async ({ stream }, ctx, x) => {
    const { shape, dtype } = x;
    const acc = new stream.MomentsAccumulator(ctx, {
      shape: [-1, ...shape.slice(1)],
      axes: [0],
      dtype,
    });
    await acc.addAll([x, x, x]);
    const normalized: Tensor[] = [];
    for await (const y of acc.normalize([x], { as: "tensor" })) normalized.push(y);
    const results = { ...acc.moments(), unbiased: acc.variance(), normalized };
    acc.destroy();
    return results;
  },
};

/** Two steps of training, whose gradients add up, and the evaluation after them. */
async function trained(module: nn.NormModule, x: Tensor, { dy, weight, bias }: Given) {
  const state = { ...(weight && { weight }), ...(bias && { bias }) };
  module.loadStateDict(state, { strict: false });
  const steps = [1, 2].map(() => ({ y: module.forward(x), dx: module.backward(dy as Tensor) }));
  const evaluated = module.eval().forward(x, { noGrad: true });
  const gradients = module.namedParameters().map(([name, { grad }]) => [name, grad] as const);
  const kept = Object.entries(await module.stateDict()).map(([name, { data }]) => [name, data]);
  return {
    steps,
    evaluated,
    gradients: Object.fromEntries(gradients),
    state: Object.fromEntries(kept),
  };
}

type Module = (entry: typeof nn, ctx: Context, x: Tensor, given: Given) => nn.NormModule;

function moduleRow(name: string, operation: Operation, made: Module): Row {
  const run: Row["run"] = (build, ctx, x, given) =>
    trained(made(build.nn, ctx, x, given), x, given);
  return { name: `nn.${name}`, direction: "both", operation, ...ALONE, run };
}

/** What modules of every kind are told. */
function told({ eps, activation, channelAxis, weight, bias }: Given) {
  return { eps, activation, channelAxis, dtype: (weight ?? bias)?.dtype };
}

const modules: readonly Row[] = [
  moduleRow("BatchNorm", named("batchNormBackward", LEARNING), (entry, ctx, x, given) => {
    return new entry.BatchNorm(ctx, x.shape[channelOf(x.shape, given)], told(given));
  }),
  moduleRow(
    "InstanceNorm",
    named("instanceNormBackward", { useInputStats: true }),
    (entry, ctx, x, given) => {
      const own = { ...told(given), affine: true, trackRunningStats: true };
      return new entry.InstanceNorm(ctx, x.shape[channelOf(x.shape, given)], own);
    },
  ),
  moduleRow("GroupNorm", named("groupNormBackward"), (entry, ctx, x, given) => {
    const channels = x.shape[channelOf(x.shape, given)];
    return new entry.GroupNorm(ctx, given.groups as number, channels, told(given));
  }),
  moduleRow("LayerNorm", named("layerNormBackward"), (entry, ctx, _, given) => {
    const { channelAxis: __, ...own } = told(given);
    return new entry.LayerNorm(ctx, given.normalizedShape as number[], own);
  }),
  moduleRow("RMSNorm", named("layerNormBackward"), (entry, ctx, _, given) => {
    const { channelAxis: __, ...own } = told(given);
    return new entry.RMSNorm(ctx, given.normalizedShape as number[], own);
  }),
];

export const rows: readonly Row[] = [
  ...table.map(rowOf),
  ...synchronized,
  mergeMoments,
  accumulator,
  ...modules,
];
