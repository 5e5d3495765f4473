// These tests cover sources of streams and their ends: every kind of source, aborts, and the memory
// left on the GPU.

import { expect } from "vitest";
import type { Chunk, ChunkSource, Progress } from "../../src/stream/index";
import { expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import {
  accumulator,
  bytes,
  CHUNKS,
  chunk,
  expectMeans,
  generated,
  generatedLater,
  iterable,
  MEANS,
  SAMPLE,
  stream,
} from "../support/streams";

const SOURCES: Readonly<Record<string, () => ChunkSource<Chunk>>> = {
  "a list": () => CHUNKS,
  "a generator": generated,
  "an async generator": generatedLater,
  "a list of promises": () => CHUNKS.map((each) => Promise.resolve(each)),
  "an iterator": () => iterable(CHUNKS).source,
  "a stream of arrays": () => stream(CHUNKS).source,
  "a stream of bytes": () => stream(bytes(11)).source,
  "byte by byte": () => bytes(1),
  "a response's body": () => new Response(new Blob(bytes(1000))).body as ChunkSource<Chunk>,
  buffers: () => CHUNKS.map((each) => each.slice().buffer),
};

for (const [name, source] of Object.entries(SOURCES)) {
  test(`a stream may come from ${name}`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    const told: Progress[] = [];
    await acc.addAll(source(), { onProgress: (progress) => told.push(progress) });
    expect(acc.count).toBe(7 * 3);
    await expectMeans(acc, MEANS);
    expect(told.at(-1)).toEqual({ blocks: told.length, samples: 7 });
    let [values, sum] = [0, 0];
    for await (const y of acc.normalize(source())) {
      values += y.length;
      for (const value of y) sum += value;
    }
    expect(values).toBe(42);
    expect(sum).toBeCloseTo(0, 3);
  });
}

test("bytes that start anywhere in memory are read as they are", async ({ ctx }) => {
  const shifted = new Uint8Array(1 + 4 * SAMPLE);
  shifted.set(new Uint8Array(chunk(1, 1).buffer), 1);
  using acc = accumulator(ctx);
  acc.add(shifted.subarray(1));
  await expectMeans(acc, [2, 5]);
});

test("y is a stream, too, which asks for chunks as it is asked", async ({ ctx }) => {
  using acc = accumulator(ctx);
  await acc.addAll(CHUNKS);
  const { source, seen } = stream(new Array(20).fill(chunk(3)));
  const reader = acc.normalizeStream(source).getReader();
  expect((await reader.read()).value).toHaveLength(2 * SAMPLE);
  expect(seen.asked).toBeLessThan(5); // the one that was read, and those on their way
  await reader.cancel();
  expect(seen.closed).toHaveLength(1);
  const whole = acc.normalizeStream(CHUNKS, { chunk: 7 });
  const blocks: number[] = [];
  for (const read = whole.getReader(); ; ) {
    const { done, value } = await read.read();
    if (done) break;
    blocks.push(value.length);
  }
  expect(blocks).toEqual([42]);
});

const KINDS = { "an iterable": iterable, "a stream": stream } as const;

for (const [name, make] of Object.entries(KINDS)) {
  const reason = new Error("enough");

  test(`an aborted signal: nothing of ${name} is read`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    await acc.add(chunk(1));
    const { source, seen } = make(CHUNKS);
    const signal = AbortSignal.abort(reason);
    expect(await rejection(acc.addAll(source, { signal }))).toBe(reason);
    expect(await rejection(acc.normalize(make(CHUNKS).source, { signal }).next())).toBe(reason);
    expect(seen).toEqual({ asked: 0, closed: [make === stream ? reason : "return"] });
    await expectMeans(acc, [5, 8]);
  });

  test(`an abort on the way: ${name} is closed, what came before stays`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    const abort = new AbortController();
    const { source, seen } = make(new Array(50).fill(chunk(1)));
    const onProgress = ({ blocks }: Progress) => blocks === 2 && abort.abort(reason);
    const { signal } = abort;
    expect(await rejection(acc.addAll(source, { signal, onProgress }))).toBe(reason);
    expect(seen.closed).toEqual([make === stream ? reason : "return"]);
    expect(seen.asked).toBeLessThan(8);
    await expectMeans(acc, [5, 8]); // all chunks are the same
    const { samples } = acc;
    expect(samples).toBeGreaterThanOrEqual(4);
    await acc.addAll([chunk(1)]); // and it goes on
    expect(acc.samples).toBe(samples + 2);
  });

  test(`an abort while ${name} gives nothing`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    const abort = new AbortController();
    const { source, seen } = make([chunk(1)], true);
    const { signal } = abort;
    setTimeout(() => abort.abort(reason), 50);
    expect(await rejection(acc.addAll(source, { signal }))).toBe(reason);
    expect(seen.closed).toEqual([make === stream ? reason : "return"]);
    await expectMeans(acc, [5, 8]);
  });

  test(`leaving the loop closes ${name}`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    await acc.add(chunk(1));
    const { source, seen } = make(new Array(9).fill(chunk(1)));
    for await (const _ of acc.normalize(source)) break;
    expect(seen.closed).toHaveLength(1);
  });

  test(`a wrong chunk closes ${name}`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    const { source, seen } = make([chunk(1), "text" as never, chunk(2)]);
    expectMessage(await rejection(acc.addAll(source)), [
      `MomentsAccumulator.addAll: chunk is "text"`,
    ]);
    expect(seen.closed).toHaveLength(1);
    await expectMeans(acc, [5, 8]);
  });
}

test("a signal that stays quiet keeps no listeners", async ({ ctx }) => {
  using acc = accumulator(ctx);
  const { signal } = new AbortController();
  let listening = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listening++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening--;
    remove(...args);
  };
  await acc.addAll(CHUNKS, { signal });
  await new Promise((resolve) => setTimeout(resolve));
  expect(listening).toBe(0);
});

test("what a source or a callback throws comes through as it is", async ({ ctx }) => {
  using acc = accumulator(ctx);
  const error = new TypeError("network error");
  async function* broken() {
    yield chunk(1);
    throw error;
  }
  expect(await rejection(acc.addAll(broken()))).toBe(error);
  expect(await rejection(acc.normalize(broken()).next())).toBe(error);
  const { source, seen } = iterable([chunk(1), chunk(1), chunk(1), chunk(1)]);
  const onProgress = () => {
    throw error;
  };
  expect(await rejection(acc.addAll(source, { onProgress }))).toBe(error);
  expect(seen.closed).toEqual(["return"]);
  await expectMeans(acc, [5, 8]);
});

test("a stream of any length holds a few buffers, and none in the end", async ({
  freshDevice,
  freshContext,
}) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  let most = 0;
  const pass = async (chunks: number, signal?: AbortSignal) => {
    using acc = accumulator(ctx);
    await acc.addAll([chunk(0)]);
    await acc
      .addAll(new Array(chunks).fill(chunk(1)), {
        signal,
        onProgress: () => {
          most = Math.max(most, live.size);
        },
      })
      .catch(() => {});
    const { mean, variance } = acc.moments();
    for await (const _ of acc.normalize(new Array(3).fill(chunk(1)))) if (signal) break;
    for await (const y of acc.normalize([chunk(1)], { as: "tensor" })) y.destroy();
    const leave = acc.normalize(new Array(5).fill(chunk(1)), { as: "tensor" });
    (await leave.next()).value?.destroy();
    await leave.return();
    for (const tensor of [mean, variance]) tensor.destroy();
    await ctx.sync();
  };
  await pass(70); // plans with their uniforms and scratch stay with the context
  await new Promise((resolve) => setTimeout(resolve, 200)); // what was on its way when a loop was left
  const before = live.size;
  await pass(70);
  await expect.poll(() => live.size).toBe(before);
  await pass(5, AbortSignal.abort());
  await expect.poll(() => live.size).toBe(before);
  expect(most).toBeLessThan(before + 12); // 7 parts at most, and what is on its way
});
