// BatchNorm over a group is that of all its data, with the same bits on every rank, and fails on all
// ranks where it fails on one.

import { expect } from "vitest";
import { channelGroup } from "../../src/channel/index";
import {
  batchNorm,
  type Context,
  type Group,
  type Moments,
  mergeMoments,
  NormError,
  type SyncBatchNormOptions,
  syncBatchNorm,
  syncBatchNormBackward,
  type Tensor,
} from "../../src/index";
import { BACKWARD } from "../reference/backward";
import * as reference from "../reference/norms";
import type { Values } from "../support/arrays";
import { rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { Random } from "../support/random";
import { cut, groupsOf, joined, meeting } from "../support/workers";

const C = 3;

const normals = (shape: readonly number[], seed: number, offset = 0): Values => ({
  shape,
  data: new Random(seed).normals(
    shape.reduce((a, b) => a * b, 1),
    offset,
  ),
});

const upload = (ctx: Context, { shape, data }: Values) =>
  ctx.tensor(data as Float32Array, [...shape]);

function furthest(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(given.length).toBe(expected.length);
  return Array.from(given).reduce((most, value, i) => {
    const off = Math.abs(value - expected[i]);
    return off <= most ? most : off;
  }, 0);
}

let names = 0;

/** Groups on a BroadcastChannel, one a rank. */
async function onChannels(size: number, run: (groups: Group[]) => Promise<void>): Promise<void> {
  const name = `webgpu-norm sync ${names++} ${Math.random()}`;
  const channels = Array.from({ length: size }, () => new BroadcastChannel(name));
  try {
    await run(channels.map((channel, rank) => channelGroup({ channel, rank, size })));
  } finally {
    for (const channel of channels) channel.close();
  }
}

const bits = async (tensors: readonly (Tensor | undefined)[]) => {
  const read = await Promise.all(tensors.map((tensor) => (tensor as Tensor).read()));
  return read.map((data) => [...new Uint32Array(data.buffer)]);
};

/** Unequal counts, a rank without any data, ranks with one value a channel. */
const SPLITS: [name: string, sizes: readonly number[], inner: readonly number[]][] = [
  ["unequal batches", [3, 1, 2, 10], [5]],
  ["empty ranks", [0, 4, 0, 3], [5]],
  ["one value a rank", [1, 1, 1, 1], []],
  ["all on one rank", [0, 0, 0, 6], [5]],
];

for (const [name, sizes, inner] of SPLITS) {
  for (const offset of [0, 1e5]) {
    test(`four ranks with ${name}, offset ${offset}`, async ({ ctx }) => {
      const examples = sizes.reduce((a, b) => a + b);
      const x = normals([examples, C, ...inner], 1, offset);
      const dy = normals([examples, C, ...inner], 2);
      const affine = { weight: normals([C], 3, 1), bias: normals([C], 4) };
      const [weight, bias] = [upload(ctx, affine.weight), upload(ctx, affine.bias)];
      const xs = cut(x, sizes).map((part) => upload(ctx, part));
      const dys = cut(dy, sizes).map((part) => upload(ctx, part));
      const running = xs.map(() => ({
        runningMean: ctx.tensor(new Float32Array(C), [C]),
        runningVar: ctx.tensor(new Float32Array(C).fill(1), [C]),
      }));
      const start = {
        runningMean: { shape: [C], data: new Float32Array(C) },
        runningVar: { shape: [C], data: new Float32Array(C).fill(1) },
      };
      const expected = reference.batchNorm(x, { ...affine, ...start, training: true });
      const whole = BACKWARD.batchNormBackward(dy, { x, ...affine, training: true } as never);
      await onChannels(sizes.length, async (groups) => {
        const forward = await Promise.all(
          xs.map((part, rank) =>
            syncBatchNorm(part, { weight, bias, ...running[rank], group: groups[rank] }),
          ),
        );
        const read = await Promise.all(
          forward.map(async ({ y }) => ({ shape: y.shape, data: await y.read() })),
        );
        expect(furthest(joined(read).data, expected.y.data)).toBeLessThan(2e-6 * 4); // |weight xhat|
        const [first, ...others] = await Promise.all(
          forward.map(({ moments: { mean, meanPair, variance } }, rank) =>
            bits([mean, meanPair, variance, ...Object.values(running[rank])]),
          ),
        );
        for (const other of others) expect(other).toEqual(first);
        expect(forward.map(({ moments: { count } }) => count)).toEqual(
          sizes.map(() => examples * (inner[0] ?? 1)),
        );
        const backward = await Promise.all(
          dys.map((part, rank) => {
            const { moments } = forward[rank];
            const given = { x: xs[rank], moments, weight, bias, group: groups[rank] };
            return syncBatchNormBackward(part, given);
          }),
        );
        const dx = await Promise.all(
          backward.map(async (one) => ({ shape: one.dx.shape, data: await one.dx.read() })),
        );
        const most = Math.max(1, ...Array.from(whole.dx.data, Math.abs));
        expect(furthest(joined(dx).data, whole.dx.data)).toBeLessThan(4e-6 * most);
      });
    });
  }

  test(`allReduce with ${name}`, async ({ ctx }) => {
    const examples = sizes.reduce((a, b) => a + b);
    const x = normals([examples, C, ...inner], 1, 3);
    const expected = reference.batchNorm(x, { training: true });
    const allReduce = meeting<Moments>(sizes.length, mergeMoments);
    const results = await Promise.all(
      cut(x, sizes).map((part) => syncBatchNorm(upload(ctx, part), { allReduce })),
    );
    const read = await Promise.all(
      results.map(async ({ y }) => ({ shape: y.shape, data: await y.read() })),
    );
    expect(furthest(joined(read).data, expected.y.data)).toBeLessThan(2e-6 * 4);
  });
}

test("calls that overlap keep to their rounds", async ({ ctx }) => {
  const layers = [1, 2, 3].map((seed) => normals([4, C], seed, seed));
  await onChannels(2, async (groups) => {
    const all = groups.flatMap((group) =>
      layers.map(async (x) => {
        const part = cut(x, [1, 3])[group.rank];
        const { y } = await syncBatchNorm(upload(ctx, part), { group });
        return { shape: y.shape, data: await y.read() };
      }),
    );
    const read = await Promise.all(all);
    for (const [i, x] of layers.entries()) {
      const { y } = reference.batchNorm(x, { training: true });
      const both = joined([read[i], read[layers.length + i]]);
      expect(furthest(both.data, y.data)).toBeLessThan(2e-6 * 2);
    }
  });
});

/** What a rank hears of another one's failure: its message, or that it has given the round up. */
const told = (rank: number, why: string) =>
  new RegExp(
    `^(syncBatchNorm: rank ${rank} failed|channelGroup: rank ${rank} has given up .*): ${why}`,
  );

type Change = Partial<SyncBatchNormOptions> & { x?: unknown };

/** What each rank's call rejects with, where ranks have other options. */
async function failures(ctx: Context, groups: readonly Group[], changes: readonly Change[]) {
  const x = upload(ctx, normals([2, C], 1));
  const calls = groups.map((group, rank) => {
    const { x: own = x, ...options } = changes[rank] ?? {};
    return rejection(syncBatchNorm(own as Tensor, { group, ...options }));
  });
  return (await Promise.all(calls)) as Error[];
}

test("a rank that fails fails the step of all, and the next step works", async ({ ctx }) => {
  const empty = ctx.empty([2, C + 1]);
  const half = ctx.tensor(new Float32Array(2 * C), [2, C], { dtype: "f16" });
  const CASES: [Change, string, RegExp][] = [
    [{ eps: -1 }, "syncBatchNorm: eps -1", told(2, "syncBatchNorm: eps -1")],
    [{ x: 5 }, "syncBatchNorm: x is 5", told(2, "syncBatchNorm: x is 5")],
    [
      { x: empty },
      "syncBatchNorm: rank 0 sent 3 channels, expected 4 as here",
      /^syncBatchNorm: rank 2 sent 4 channels, expected 3 as here/,
    ],
    [
      { x: half },
      "syncBatchNorm: rank 0 sent another dtype, expected f16 as here",
      /^syncBatchNorm: rank 2 sent another dtype, expected f32 as here/,
    ],
    [{ signal: AbortSignal.abort(new Error("stop")) }, "stop", told(2, "stop")],
  ];
  await onChannels(3, async (groups) => {
    for (const [change, own, others] of CASES) {
      const errors = await failures(ctx, groups, [{}, {}, change]);
      expect(errors[2].message.slice(0, own.length)).toBe(own);
      for (const error of errors.slice(0, 2)) {
        expect(error).toBeInstanceOf(NormError);
        expect(error.message).toMatch(others);
      }
    }
    const x = normals([6, C], 1);
    const results = await Promise.all(
      cut(x, [2, 2, 2]).map((part, i) => syncBatchNorm(upload(ctx, part), { group: groups[i] })),
    );
    const ys = (await Promise.all(results.map(({ y }) => y.read()))).flatMap((y) => [...y]);
    const alone = await batchNorm(upload(ctx, x), { training: true }).read();
    expect(furthest(ys, alone)).toBeLessThan(1e-6);
  });
});

test("a rank that is missing, or gives up, ends the step of all in time", async ({ ctx }) => {
  await onChannels(4, async (groups) => {
    const errors = await failures(ctx, groups.slice(0, 3), [{ timeout: 50 }, {}, {}]);
    expect(errors[0].message).toMatch(
      /^channelGroup: rank 0 of 4 has nothing from rank 3: syncBatchNorm: round "call 1" took more than 50 ms/,
    );
    for (const error of errors.slice(1)) {
      expect(error.message).toMatch(/^channelGroup: rank 0 has given up round "call 1"/);
    }
    const stop = new AbortController();
    const reason = new Error("the user has stopped");
    setTimeout(() => stop.abort(reason), 50);
    const stopped = await failures(ctx, groups.slice(0, 3), [{}, { signal: stop.signal }, {}]);
    expect(stopped[1]).toBe(reason);
    for (const i of [0, 2]) {
      expect(stopped[i].message).toMatch(told(1, "the user has stopped"));
    }
    // before its exchange, beside a rank that never comes
    const failed = await failures(ctx, groups.slice(0, 3), [{}, { eps: -1 }, {}]);
    for (const i of [0, 2]) expect(failed[i].message).toMatch(told(1, "syncBatchNorm: eps -1"));
  });
});

test("a transport that never answers, or answers otherwise, is told", async ({ ctx }) => {
  const x = upload(ctx, normals([2, C], 1));
  const call = async (group: unknown, options: Partial<SyncBatchNormOptions> = {}) =>
    (await rejection(syncBatchNorm(x, { group: group as Group, ...options }))) as Error;
  const deaf = { rank: 0, size: 2, allGather: () => new Promise(() => {}) };
  expect((await call(deaf, { timeout: 30 })).message).toMatch(
    /^syncBatchNorm: round "call 1" took more than 30 ms, expected an answer of each of 2 ranks/,
  );
  expect((await call(deaf, { timeout: 30, round: "mine" })).message).toMatch(/round "mine" took/);
  const stop = new AbortController();
  setTimeout(() => stop.abort("no reason"), 20);
  expect(await call(deaf, { signal: stop.signal })).toBe("no reason");
  const broken = new Error("the socket is closed");
  expect(await call({ ...deaf, allGather: () => Promise.reject(broken) })).toBe(broken);
  const throwing = () => {
    throw broken;
  };
  expect(await call({ ...deaf, allGather: throwing })).toBe(broken);
  const given = (value: unknown) => ({ ...deaf, allGather: async () => value });
  const forged = (change: (bytes: Uint8Array) => Uint8Array) => async () => {
    const groups = groupsOf(2, change);
    const [{ message }] = await failures(ctx, groups, [{}, {}]);
    return message;
  };
  const at = (index: number, byte: number) => (bytes: Uint8Array) =>
    bytes.map((old, i) => (i === index ? byte : old));
  const CASES: [() => Promise<string>, string][] = [
    [async () => (await call(given(3))).message, "group gave 3, expected the bytes of 2 ranks"],
    [async () => (await call(given([]))).message, "group gave [], expected the bytes of 2 ranks"],
    [
      async () => (await call(given([1, 2]))).message,
      "rank 0 sent 1, expected bytes of this library",
    ],
    [
      forged((bytes) => bytes.subarray(0, 5)),
      "rank 1 sent 5 bytes, expected bytes of this library",
    ],
    [forged((bytes) => bytes.subarray(0, 50)), "rank 1 sent 34 bytes, expected 60"],
    [forged(at(0, 1)), "rank 1 sent other bytes, expected those of this library"],
    [forged(at(4, 2)), "rank 1 sent version 2, expected 1"],
    [forged(at(5, 2)), 'rank 1 sent another round, expected "call 1": the same calls'],
    [forged(at(12, 1)), 'rank 1 sent another round, expected "call 1": the same calls'],
    [forged(at(16, 99)), "counts differ between channels, expected one"],
    [async () => (await call({})).message, "group an object, expected { rank, size, allGather }"],
    [
      async () => (await call({ ...deaf, size: 0 })).message,
      "group has size 0, expected a positive",
    ],
    [
      async () => (await call({ ...deaf, rank: 2 })).message,
      "group has rank 2, expected an integer",
    ],
    [
      async () => (await call(deaf, { allReduce: (own) => own })).message,
      "allReduce and group are given, expected one of them",
    ],
    [
      async () => (await call(undefined)).message,
      "allReduce undefined, expected a function, or a group",
    ],
  ];
  for (const [message, expected] of CASES) {
    expect((await message()).slice(0, 15 + expected.length)).toBe(`syncBatchNorm: ${expected}`);
  }
});

test("one value a channel over all ranks is told to all", async ({ ctx }) => {
  await onChannels(2, async (groups) => {
    const errors = await failures(ctx, groups, [
      { x: ctx.tensor([1, 2, 3], [1, C]) },
      { x: ctx.empty([0, C]) },
    ]);
    for (const { message } of errors) {
      expect(message).toMatch(/^syncBatchNorm: all workers have 1 value a channel/);
    }
  });
});

test("nothing stays allocated but the results", async ({ freshDevice, freshContext }) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  const x = upload(ctx, normals([4, C], 1));
  const dy = upload(ctx, normals([4, C], 2));
  const [group] = groupsOf(1);
  const step = async () => {
    const { y, moments } = await syncBatchNorm(x, { group });
    const gradients = await syncBatchNormBackward(dy, { x, moments, group });
    for (const one of [y, moments.mean, moments.variance, ...Object.values(gradients)])
      one.destroy();
    const late = { ...group, size: 2, allGather: () => new Promise<never>(() => {}) };
    await rejection(syncBatchNorm(x, { group: late, timeout: 5 }));
    await ctx.sync();
    return live.size;
  };
  const once = await step();
  expect(await step()).toBe(once);
  expect(await step()).toBe(once);
});
