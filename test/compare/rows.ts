/**
 * These rows compare two builds: the operations table under public names, and composed operations
 * on the table's problems. They call a build's exports alone, and import nothing from this tree's
 * src.
 */
import type * as index from "../../src/index";
import type { Context, ElementDType, Moments, Tensor } from "../../src/index";
import type * as nn from "../../src/nn/index";
import type * as stream from "../../src/stream/index";
import { rows as table } from "../support/operations";
import type { Operation, Options } from "../support/problem";
import { channelOf } from "../support/random_options";

/** A build has three entries. */
export interface Build {
  readonly index: typeof index;
  readonly nn: typeof nn;
  readonly stream: typeof stream;
}

type Name = "dy" | "weight" | "bias" | "runningMean" | "runningVar" | "residual";

/** A call takes a problem's options and tensors in one object. */
export type CallOptions = Omit<Options, "alpha"> & { readonly [name in Name]?: Tensor };

export interface Row {
  readonly name: string;
  readonly direction: "forward" | "backward" | "both";
  /** The table's operation draws the problems. */
  readonly operation: Operation;
  /** The call takes `out`, a place for its result. */
  readonly out: boolean;
  /** The results are tensors, arrays and numbers, nested in any way. */
  run(build: Build, ctx: Context, x: Tensor, given: CallOptions): object | Promise<object>;
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
  const { first = "dy" } = operation;
  const run: Row["run"] = (build, _, x, { [first as "dy"]: arriving, ...given }) =>
    exportedBy(build, name)(arriving as Tensor, { ...given, x });
  return { ...own, direction: "backward", out: false, run };
}

/** Options given here replace those that the table's row of this name draws. */
export function tableRow(name: string, fixed: Options = {}): Operation {
  const row = table.find((operation) => operation.name === name) as Operation;
  const options: Operation["options"] = (random, shape) => ({
    ...row.options(random, shape),
    ...fixed,
  });
  return { ...row, options };
}

export const LEARNING: Options = { training: true, virtualBatchSize: undefined, momentum: 0.5 };
const ALONE = { out: false } as const;

/** syncBatchNorm and its backward have these options in common. */
function syncOptions({ weight, bias, eps, channelAxis, activation }: CallOptions) {
  return { weight, bias, eps, channelAxis, activation };
}

function channelMoments({ index }: Build, x: Tensor, given: CallOptions): Moments {
  const channel = channelOf(x.shape, given);
  return index.moments(x, { axes: [...x.shape.keys()].filter((axis) => axis !== channel) });
}

const synchronized: readonly Row[] = [
  {
    name: "syncBatchNorm",
    direction: "forward",
    operation: tableRow("batchNorm", LEARNING),
    ...ALONE,
    run: ({ index }, _, x, given) => {
      const { runningMean, runningVar, momentum } = given;
      const running = { runningMean, runningVar, momentum: momentum ?? undefined };
      return index.syncBatchNorm(x, { ...syncOptions(given), ...running, allReduce: (all) => all });
    },
  },
  {
    name: "syncBatchNorm",
    direction: "backward",
    operation: tableRow("batchNormBackward", LEARNING),
    ...ALONE,
    run: (build, _, x, given) => {
      const moments = channelMoments(build, x, given);
      const own = { ...syncOptions(given), x, moments, allReduce: <T>(sums: T) => sums };
      return build.index.syncBatchNormBackward(given.dy as Tensor, own);
    },
  },
];

/** The parts have different means, since merging equal ones would lose terms. */
const mergeMoments: Row = {
  name: "mergeMoments",
  direction: "forward",
  operation: {
    ...tableRow("moments"),
    parameters: (_, shape) => ({ residual: shape }),
    needs: ["residual"],
  },
  ...ALONE,
  run: ({ index }, _, x, { residual, ...given }) => {
    const parts = [x, residual as Tensor, x].map((part) => index.moments(part, given as object));
    return index.mergeMoments(parts);
  },
};

const accumulator: Row = {
  name: "MomentsAccumulator",
  direction: "forward",
  operation: tableRow("moments", { axes: [0] }),
  ...ALONE,
  run: async ({ stream }, ctx, x) => {
    const { shape, dtype } = x;
    const acc = new stream.MomentsAccumulator(ctx, {
      shape: [-1, ...shape.slice(1)],
      axes: [0],
      dtype: dtype as ElementDType,
    });
    await acc.addAll([x, x, x]);
    const normalized: Tensor[] = [];
    for await (const y of acc.normalize([x], { as: "tensor" })) normalized.push(y);
    const results = { ...acc.moments(), unbiased: acc.variance(), normalized };
    acc.destroy();
    return results;
  },
};

export const rows: readonly Row[] = [
  ...table.map(rowOf),
  ...synchronized,
  mergeMoments,
  accumulator,
];
