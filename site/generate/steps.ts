// The plans of calls that are no single plan: operations composed of several, and norms with a mask, a gate or a skip.
// The calls run on a device that computes nothing, and their plans are recorded.

import {
  type Context,
  clipGradNorm,
  createContext,
  foldBatchNorm,
  gateOf,
  globalNorm,
  globalResponseNorm,
  globalResponseNormBackward,
  layerNorm,
  lengthsOf,
  maskOf,
  mergeMoments,
  rmsNorm,
  skipOf,
  syncBatchNorm,
  type Tensor,
} from "../../src/index";
import { type Explanation, explainPlan } from "../../src/operation/explain";
import { nullDevice } from "../../test/support/null_device";
import type { OperationName } from "../operations";

type Arrays = (...shape: number[]) => Tensor;
type CallOf = (x: Tensor, array: Arrays, ctx: Context) => unknown;

interface Composition {
  readonly x: readonly number[];
  /** The calls, by their names on the page. */
  readonly calls: Readonly<Record<string, CallOf>>;
}

const IMAGES = [32, 64, 56, 56];
const TOKENS = [32, 128, 768];
const FILTERS = [512, 256, 3, 3];
const rows = { normalizedShape: [768] };

/** Two lists of moments, of 64 channels. */
const moments = (array: Arrays) =>
  [0, 1].map(() => ({ mean: array(64), variance: array(64), count: 1000 }));

const affine = (array: Arrays) => ({ weight: array(64), bias: array(64) });

const COMPOSITIONS: Partial<Record<OperationName, Composition>> = {
  syncBatchNorm: {
    x: IMAGES,
    calls: {
      syncBatchNorm: (x, array) => syncBatchNorm(x, { ...affine(array), allReduce: (own) => own }),
    },
  },
  globalResponseNorm: {
    x: IMAGES,
    calls: {
      globalResponseNorm: (x, array) => globalResponseNorm(x, affine(array)),
      globalResponseNormBackward: (x, array) =>
        globalResponseNormBackward(array(...IMAGES), { x, ...affine(array) }),
    },
  },
  globalNorm: { x: FILTERS, calls: { "globalNorm of one tensor": (x) => globalNorm([x]) } },
  clipGradNorm: {
    x: FILTERS,
    calls: { "clipGradNorm of one tensor": (x) => clipGradNorm([x], { max: 1 }) },
  },
  foldBatchNorm: {
    x: FILTERS,
    calls: {
      foldBatchNorm: (weight, array) =>
        foldBatchNorm({ weight, bias: array(512), mean: array(512), variance: array(512) }),
    },
  },
  mergeMoments: {
    x: [2, 64],
    calls: { mergeMoments: (_, array) => mergeMoments(moments(array)) },
  },
  maskOf: {
    x: TOKENS,
    calls: {
      layerNorm: (x) => layerNorm(x, rows),
      "layerNorm, a mask of bytes": (x, _, ctx) => {
        const valid = ctx.tensor(new Uint8Array(32 * 128 * 768), TOKENS, { dtype: "u8" });
        return layerNorm(x, { ...rows, mask: maskOf(valid) });
      },
      "layerNorm, a flag for each token": (x, _, ctx) => {
        const valid = ctx.tensor(new Uint8Array(32 * 128), [32, 128, 1], { dtype: "u8" });
        return layerNorm(x, { ...rows, mask: maskOf(valid) });
      },
    },
  },
  lengthsOf: {
    x: TOKENS,
    calls: {
      layerNorm: (x) => layerNorm(x, rows),
      "layerNorm, lengths": (x) =>
        layerNorm(x, { ...rows, mask: lengthsOf(new Array(32).fill(100)) }),
    },
  },
  gateOf: {
    x: TOKENS,
    calls: {
      rmsNorm: (x) => rmsNorm(x, rows),
      "rmsNorm, gate": (x, array) => rmsNorm(x, { ...rows, gate: gateOf(array(...TOKENS)) }),
    },
  },
  skipOf: {
    x: TOKENS,
    calls: {
      rmsNorm: (x) => rmsNorm(x, rows),
      "rmsNorm, skip": (x, array) => rmsNorm(x, { ...rows, skip: skipOf(array(...TOKENS)) }),
    },
  },
};

export interface Steps {
  readonly name: string;
  readonly x: readonly number[];
  readonly steps: readonly Explanation[];
}

/** Runs a call and returns its plans. A composed one is rehearsed first, so that its plans come twice. */
async function record(ctx: Context, call: () => unknown): Promise<Explanation[]> {
  const { plans, planning } = ctx;
  const { of } = plans;
  const seen: Explanation[] = [];
  plans.of = (one) => {
    const cached = of(one);
    seen.push(explainPlan(cached.call, planning, cached.plan, undefined));
    return cached;
  };
  try {
    await call();
  } finally {
    plans.of = of;
  }
  const [first, again] = [seen.slice(0, seen.length / 2), seen.slice(seen.length / 2)];
  return String(first) === String(again) ? first : seen;
}

let made: Promise<Context> | undefined;

/** The context has the profile of any GPU (scripts/lib/kernels.ts). */
const context = async () =>
  createContext({
    device: await nullDevice(["shader-f16"]),
    profile: { kind: "gpu", subgroups: false, name: "any gpu" },
  });

/** The calls that show the cost of an operation without a plan of its own. */
export async function stepsOf(name: OperationName): Promise<Steps[]> {
  const composition = COMPOSITIONS[name];
  if (!composition) return [];
  made ??= context();
  const ctx = await made;
  const array: Arrays = (...shape) =>
    ctx.tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  const { x, calls } = composition;
  const all: Steps[] = [];
  for (const [label, call] of Object.entries(calls)) {
    const steps = await record(ctx, () => call(array(...x), array, ctx));
    all.push({ name: label, x, steps });
  }
  return all;
}
