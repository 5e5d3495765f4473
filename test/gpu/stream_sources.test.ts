// Where streams come from and how they end: every kind of source, aborts, errors, misuse, and what is left on the GPU.

import { expect } from "vitest";
import { type Context, createContext, type Tensor } from "../../src/index";
import {
  type Chunk,
  MomentsAccumulator,
  type Progress,
  type Source,
  type StreamOptions,
} from "../../src/stream/index";
import { watchBuffers } from "../counting";
import { test } from "../fixture";
import { caught, expectMessage, rejection, starve } from "../misuse";

const SAMPLE = 6;
const chunk = (first: number, samples = 2) =>
  Float32Array.from({ length: samples * SAMPLE }, (_, i) => first + i);

const accumulator = (ctx: Context) =>
  new MomentsAccumulator(ctx, { shape: [-1, 2, 3], axes: [0, 2] });

const CHUNKS = [chunk(0), chunk(50, 1), chunk(7, 4)];
const MEANS = [(2 * 4 + 51 + 4 * 17) / 7, (2 * 7 + 54 + 4 * 20) / 7]; // of those chunks' channels

async function means(acc: MomentsAccumulator): Promise<number[]> {
  const { mean, variance } = acc.moments();
  const values = [...(await mean.read())];
  for (const tensor of [mean, variance]) tensor.destroy();
  return values;
}

async function expectMeans(acc: MomentsAccumulator, expected: readonly number[]): Promise<void> {
  for (const [i, mean] of (await means(acc)).entries()) expect(mean).toBeCloseTo(expected[i], 4);
}

/** What was asked of a source, and how it was closed. */
interface Watched<T> {
  readonly source: Source<T>;
  readonly seen: { asked: number; closed: unknown[] };
}

/** An iterator as a generator is, which does not end unless the chunks do. */
function iterable<T>(chunks: readonly T[], hangs = false): Watched<T> {
  const seen = { asked: 0, closed: [] as unknown[] };
  const iterator: AsyncIterator<T> = {
    async next() {
      const value = chunks[seen.asked++];
      if (value !== undefined) return { done: false, value };
      return hangs ? new Promise(() => {}) : { done: true, value: undefined };
    },
    async return() {
      seen.closed.push("return");
      return { done: true, value: undefined };
    },
  };
  return { source: { [Symbol.asyncIterator]: () => iterator }, seen };
}

function stream<T>(chunks: readonly T[], hangs = false): Watched<T> {
  const seen = { asked: 0, closed: [] as unknown[] };
  const source = new ReadableStream<T>(
    {
      async pull(controller) {
        const value = chunks[seen.asked++];
        if (value !== undefined) controller.enqueue(value);
        else if (hangs) await new Promise(() => {});
        else controller.close();
      },
      cancel: (reason) => {
        seen.closed.push(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { source, seen };
}

function* generated() {
  yield* CHUNKS;
}

async function* generatedLater() {
  for (const each of CHUNKS) yield await Promise.resolve(each);
}

/** The bytes of all chunks in pieces that end within elements. */
function bytes(size: number): Uint8Array<ArrayBuffer>[] {
  const all = new Uint8Array(Float32Array.from(CHUNKS.flatMap((each) => [...each])).buffer);
  const pieces = Math.ceil(all.length / size);
  return Array.from({ length: pieces }, (_, i) => all.slice(i * size, (i + 1) * size));
}

const SOURCES: Readonly<Record<string, () => Source<Chunk>>> = {
  "a list": () => CHUNKS,
  "a generator": generated,
  "an async generator": generatedLater,
  "a list of promises": () => CHUNKS.map((each) => Promise.resolve(each)),
  "an iterator": () => iterable(CHUNKS).source,
  "a stream of arrays": () => stream(CHUNKS).source,
  "a stream of bytes": () => stream(bytes(11)).source,
  "byte by byte": () => bytes(1),
  "a response's body": () => new Response(new Blob(bytes(1000))).body as Source<Chunk>,
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
    const { source, seen } = make([chunk(1), new Float64Array(6) as never, chunk(2)]);
    expectMessage(await rejection(acc.addAll(source)), [
      "MomentsAccumulator.addAll: chunk is a Float64Array",
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

type Row = [name: string, call: (acc: MomentsAccumulator) => unknown, message: readonly string[]];

const tensorOf = (acc: MomentsAccumulator, shape: readonly number[]) => acc.context.empty(shape);

const gone = (tensor: Tensor) => {
  tensor.destroy();
  return tensor;
};

const AT_THE_CALL: Row[] = [
  [
    "a chunk of another type",
    (acc) => acc.add([1, 2, 3] as never),
    ["MomentsAccumulator.add: chunk is [1, 2, 3]", "expected a Float32Array", "dtype f32"],
  ],
  [
    "bits for f32",
    (acc) => acc.add(new Uint16Array(6)),
    ["MomentsAccumulator.add: chunk is a Uint16Array", "expected a Float32Array", "dtype f32"],
  ],
  [
    "a chunk that ends within a sample",
    (acc) => acc.add(new Float32Array(13)),
    ["MomentsAccumulator.add: chunk has 52 bytes", "multiple of the 24 bytes (6 values)"],
  ],
  [
    "bytes that end within a sample",
    (acc) => acc.add(new Uint8Array(25)),
    ["MomentsAccumulator.add: chunk has 25 bytes", "multiple of the 24 bytes"],
  ],
  [
    "a tensor of another shape",
    (acc) => acc.add(tensorOf(acc, [4, 3, 2])),
    ["MomentsAccumulator.add: chunk has shape [4, 3, 2]", "expected [n, 2, 3]"],
  ],
  [
    "a destroyed tensor",
    (acc) => acc.add(gone(tensorOf(acc, [4, 2, 3]))),
    ["MomentsAccumulator.add: x is destroyed", "live"],
  ],
  [
    "a correction that is no number",
    (acc) => acc.variance({ correction: NaN }),
    ["MomentsAccumulator.variance: correction NaN", "finite number"],
  ],
  [
    "an unknown form of y",
    (acc) => acc.normalize([], { as: "list" as never }),
    ['MomentsAccumulator.normalize: as "list"', '"array" or "tensor"'],
  ],
  [
    "a weight that does not broadcast",
    (acc) => acc.normalize([], { weight: tensorOf(acc, [5]) }),
    ["MomentsAccumulator.normalize: weight has shape [5]", "broadcasts to [1, 2, 3]"],
  ],
  [
    "no samples in a block",
    (acc) => acc.normalize([], { chunk: 0 }),
    ["MomentsAccumulator.normalize: chunk 0", "positive number of samples"],
  ],
];

const LATER: [name: string, source: unknown, options: object, message: readonly string[]][] = [
  [
    "a single array",
    new Float32Array(6),
    {},
    ["MomentsAccumulator.addAll: source is a single array", "iterable"],
  ],
  ["no source", undefined, {}, ["MomentsAccumulator.addAll: source is undefined", "iterable"]],
  [
    "a block that is too large",
    [],
    { chunk: 2 ** 30 },
    ["MomentsAccumulator.addAll: chunk 1073741824", "bytes", "expected at most"],
  ],
  ["a callback", [], { onProgress: 1 }, ["MomentsAccumulator.addAll: onProgress 1", "function"]],
  [
    "an array that ends within a sample",
    [new Float32Array(7)],
    {},
    ["MomentsAccumulator.addAll: chunk has 28 bytes", "24 bytes", "or the option chunk"],
  ],
  [
    "bytes that end within a sample",
    [new Uint8Array(30)],
    {},
    ["MomentsAccumulator.addAll: the source ended 6 bytes into a sample", "24 bytes"],
  ],
];

for (const [name, call, message] of AT_THE_CALL) {
  test(`refused at the call: ${name}; the moments stay`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    acc.add(chunk(1));
    expectMessage(
      caught(() => call(acc)),
      message,
    );
    expect(acc.samples).toBe(2);
    await expectMeans(acc, [5, 8]);
  });
}

for (const [name, source, options, message] of LATER) {
  test(`addAll rejects: ${name}; the moments stay`, async ({ ctx }) => {
    using acc = accumulator(ctx);
    acc.add(chunk(1));
    const rejected = acc.addAll(source as Source<Chunk>, options as StreamOptions);
    expectMessage(await rejection(rejected), message);
    await expectMeans(acc, name.startsWith("bytes") ? [3, 6].map((m) => (m * 2 + 4) / 3) : [5, 8]);
  });
}

const MADE: [name: string, options: unknown, message: readonly string[]][] = [
  ["no shape", undefined, ["MomentsAccumulator: shape undefined", "-1 first"]],
  ["a length", { shape: [8, 3] }, ["MomentsAccumulator: shape [8, 3]", "-1 first"]],
  ["a second stream", { shape: [-1, -1] }, ["MomentsAccumulator: shape [1, -1]", "non-negative"]],
  ["empty samples", { shape: [-1, 0] }, ["MomentsAccumulator: shape [-1, 0]", "with elements"]],
  [
    "the stream's axis kept",
    { shape: [-1, 3], axes: [1] },
    ["MomentsAccumulator: axes [1]", "expected 0 among them", "standardize"],
  ],
  [
    "no such axis",
    { shape: [-1, 3], axes: [0, 2] },
    ["MomentsAccumulator: axis 2", "an integer in -2 .. 1"],
  ],
  ["a type", { shape: [-1], dtype: "u8" }, ['MomentsAccumulator: dtype "u8"', "bf16"]],
];

for (const [name, options, message] of MADE) {
  test(`no accumulator for ${name}`, ({ ctx }) => {
    expectMessage(
      caught(() => new MomentsAccumulator(ctx, options as never)),
      message,
    );
  });
}

test("a context is needed, and chunks are of that one", async ({ ctx, device }) => {
  expectMessage(
    caught(() => new MomentsAccumulator({} as Context, { shape: [-1] })),
    ["MomentsAccumulator: context is an object", "createContext"],
  );
  const other = await createContext({ device });
  using acc = accumulator(ctx);
  expectMessage(
    caught(() => acc.add(other.empty([1, 2, 3]))),
    ["MomentsAccumulator.add: chunk is a tensor of another context", "accumulator's"],
  );
  other.destroy();
});

test("a locked stream is refused", async ({ ctx }) => {
  const { source } = stream(CHUNKS);
  (source as ReadableStream).getReader();
  using acc = accumulator(ctx);
  expectMessage(await rejection(acc.addAll(source)), [
    "MomentsAccumulator.addAll: source is a locked stream",
  ]);
});

test("before the first chunk there are no moments", async ({ ctx }) => {
  using acc = accumulator(ctx);
  await acc.addAll([]);
  await acc.add(new Float32Array(0));
  expect([acc.count, acc.samples]).toEqual([0, 0]);
  for (const call of [() => acc.moments(), () => acc.variance(), () => acc.normalize([])]) {
    expectMessage(caught(call), ["MomentsAccumulator.", "no chunk was added"]);
  }
});

test("after destroy there is nothing, what it gave stays", async ({ ctx }) => {
  const acc = accumulator(ctx);
  await acc.addAll(CHUNKS);
  const { mean } = acc.moments();
  acc.destroy();
  acc.destroy();
  expect(acc.destroyed).toBe(true);
  for (const call of [() => acc.moments(), () => acc.add(chunk(1)), () => acc.normalize([])]) {
    expectMessage(caught(call), ["MomentsAccumulator.", "the accumulator is destroyed"]);
  }
  expectMessage(await rejection(acc.addAll([])), ["MomentsAccumulator.addAll: the accumulator is"]);
  expect([...(await mean.read())].map((m) => m.toFixed(3))).toEqual(MEANS.map((m) => m.toFixed(3)));
});

test("destroy ends what is under way", async ({ ctx }) => {
  const acc = accumulator(ctx);
  const { source, seen } = iterable(new Array(50).fill(chunk(1)));
  const onProgress = () => acc.destroy();
  expectMessage(await rejection(acc.addAll(source, { onProgress })), [
    "MomentsAccumulator.addAll: the accumulator is destroyed",
  ]);
  expect(seen.closed).toEqual(["return"]);
});

test("a context may end while chunks are on their way", async ({ freshContext }) => {
  const ctx = await freshContext();
  const acc = accumulator(ctx);
  const added = [acc.add(chunk(1)), acc.add(chunk(1)), acc.add(chunk(1))];
  ctx.destroy();
  await Promise.all(added); // nobody waits for them any more, so nothing is thrown at nobody
  expectMessage(
    caught(() => acc.moments()),
    ["MomentsAccumulator.moments: the context is destroyed"],
  );
  acc.destroy();
});

test("a chunk that the GPU has no memory for is left out, all others stay", async ({
  freshDevice,
  freshContext,
}) => {
  const adapter = await navigator.gpu.requestAdapter();
  const maxBufferSize = adapter?.limits.maxBufferSize ?? 0;
  const device = await freshDevice({ requiredLimits: { maxBufferSize } });
  const ctx = await freshContext({ device, poolBytes: 0 });
  using acc = accumulator(ctx);
  await acc.add(chunk(0));
  const feed = starve(device, /webgpu-norm (empty|tensor)/);
  const refused = acc.add(chunk(9));
  feed();
  const after = acc.add(chunk(2));
  expectMessage(await rejection(refused), ["MomentsAccumulator.add: ", "out of memory"]);
  await after;
  expect(acc.samples).toBe(4);
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
