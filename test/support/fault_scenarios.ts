// These scenarios run with one fault of the device at a time (run_faults.ts). Each one makes
// everything on a context of its own, uses what it made, and reads it.

import {
  type Context,
  createContext,
  globalResponseNorm,
  globalResponseNormBackward,
  groupNorm,
  layerNorm,
  layerNormBackward,
  prepare,
  softmax,
  syncBatchNorm,
  syncBatchNormBackward,
  type Tensor,
  tune,
  warmup,
} from "../../src/index";
import { BatchNorm } from "../../src/nn/index";
import { MomentsAccumulator } from "../../src/stream/index";

/** What a scenario makes is destroyed after it, also where it failed. */
type Keep = <T extends { destroy(): void }>(made: T) => T;

export interface Scenario {
  /** Names of operations: one of them is at the start of each error. */
  readonly names: RegExp;
  readonly run: (ctx: Context, keep: Keep, real: GPUDevice) => Promise<unknown>;
  /** The scenario does without what the GPU refuses. */
  readonly optional?: boolean;
}

const ROWS = { normalizedShape: [6] };
const SHAPE = [2, 4, 6];
const DATA = Array.from({ length: 48 }, (_, i) => Math.sin(i));

const upload = (ctx: Context, keep: Keep) => keep(ctx.tensor(DATA, SHAPE));

async function readAll(ctx: Context, keep: Keep, made: readonly (Tensor | undefined)[]) {
  for (const tensor of made) if (tensor) keep(tensor);
  for (const tensor of made) await tensor?.read();
  await ctx.sync();
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  createContext: {
    names: /^createContext/,
    optional: true, // subgroups
    run: async (ctx) => {
      // the subgroups are tried only once a device, so by this context alone
      const other = await createContext({ device: ctx.device, profile: { subgroups: true } });
      other.destroy();
    },
  },
  layerNorm: {
    names: /^(tensor|layerNorm|read|sync)/,
    run: async (ctx, keep) => {
      const y = layerNorm(upload(ctx, keep), ROWS);
      await readAll(ctx, keep, [y]);
    },
  },
  layerNormBackward: {
    names: /^(tensor|empty|layerNormBackward|read|sync)/,
    run: async (ctx, keep) => {
      const [x, weight] = [upload(ctx, keep), keep(ctx.empty([6]))];
      const made = layerNormBackward(x, { x, ...ROWS, weight });
      await readAll(ctx, keep, Object.values(made));
    },
  },
  batch: {
    names: /^(tensor|layerNorm|groupNorm|softmax|read|sync|empty)/,
    run: async (ctx, keep) => {
      const made = ctx.batch(() => {
        const a = keep(layerNorm(upload(ctx, keep), ROWS));
        const b = keep(groupNorm(a, { groups: 2 })); // the upload of c cuts the batch here
        const c = keep(softmax(upload(ctx, keep), { axes: [2] }));
        return [a, b, c, keep(softmax(b, { axes: [1], out: keep(ctx.empty(SHAPE)) }))];
      });
      await readAll(ctx, keep, made);
    },
  },
  prepare: {
    names: /^(tensor|prepared layerNorm|read|sync)/,
    run: async (ctx, keep, real) => {
      const prepared = keep(prepare(ctx, layerNorm, { shape: SHAPE, ...ROWS }));
      const encoder = real.createCommandEncoder();
      const y = prepared.encode(encoder, { x: upload(ctx, keep) });
      real.pushErrorScope("validation"); // the submit is the caller's, and so are its errors
      real.queue.submit([encoder.finish()]);
      await real.popErrorScope();
      await y.read();
      await ctx.sync();
    },
  },
  warmup: {
    names: /^warmup/,
    run: (ctx) =>
      warmup(ctx, [
        [layerNorm, { shape: SHAPE, ...ROWS }],
        [softmax, { shape: SHAPE, axes: [1] }],
      ]),
  },
  tune: {
    names: /^tune/,
    run: (ctx) => tune(ctx, [[softmax, { shape: [2, 6], axes: [1] }]]),
  },
  streams: {
    names: /^(MomentsAccumulator|tensor|read|sync)/,
    run: async (ctx, keep) => {
      const acc = keep(new MomentsAccumulator(ctx, { shape: [-1, 4, 6], axes: [0, 2] }));
      const chunks = [0, 1, 2].map(() => Float32Array.from(DATA));
      await acc.addAll(chunks);
      const { mean, variance } = acc.moments();
      await readAll(ctx, keep, [mean, variance]);
      for await (const _ of acc.normalize(chunks)) await ctx.sync();
    },
  },
  nn: {
    names: /^(tensor|batchNorm|read|sync|BatchNorm|nn)/i,
    run: async (ctx, keep) => {
      const norm = keep(new BatchNorm(ctx, 4));
      const x = upload(ctx, keep);
      const y = keep(norm.forward(x));
      const dx = norm.backward(x);
      await readAll(ctx, keep, [y, dx]);
      await norm.stateDict();
    },
  },
  syncBatchNorm: {
    names: /^(tensor|syncBatchNorm|read|sync)/,
    run: async (ctx, keep) => {
      const x = upload(ctx, keep);
      const { y, moments } = await syncBatchNorm(x, { allReduce: async (local) => local });
      keep(y);
      keep(moments.mean);
      keep(moments.variance);
      const allReduce = async <T>(local: T) => local;
      const made = await syncBatchNormBackward(x, { x, moments, allReduce });
      await readAll(ctx, keep, [y, ...Object.values(made)]);
    },
  },
  globalResponseNorm: {
    names: /^(tensor|globalResponseNorm|read|sync)/,
    run: async (ctx, keep) => {
      const x = upload(ctx, keep);
      const y = keep(globalResponseNorm(x));
      const made = globalResponseNormBackward(x, { x });
      await readAll(ctx, keep, [y, ...Object.values(made)]);
    },
  },
};
