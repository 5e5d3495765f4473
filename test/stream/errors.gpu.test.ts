// Bad input of streams gives errors, and so do contexts that end during a stream. Earlier chunks
// stay.

import { expect } from "vitest";
import { type Context, createContext, type Tensor } from "../../src/index";
import {
  type Chunk,
  type ChunkSource,
  MomentsAccumulator,
  type StreamOptions,
} from "../../src/stream/index";
import {
  caught,
  expectMessage,
  failAllocations,
  knowsItsMemory,
  rejection,
} from "../support/error_cases";
import { test } from "../support/fixture";
import {
  accumulator,
  CHUNKS,
  chunk,
  expectMeans,
  iterable,
  MEANS,
  stream,
} from "../support/streams";

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
    ["MomentsAccumulator.add: chunk is [1, 2, 3]", "expected a typed array, bytes or a tensor"],
  ],
  [
    "bits for f32",
    (acc) => acc.add(new Uint16Array(6)),
    ["MomentsAccumulator.add: chunk is a Uint16Array with dtype f32", "f16, bf16 or u16"],
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
    const rejected = acc.addAll(source as ChunkSource<Chunk>, options as StreamOptions);
    expectMessage(await rejection(rejected), message);
    await expectMeans(acc, name.startsWith("bytes") ? [3, 6].map((m) => (m * 2 + 4) / 3) : [5, 8]);
  });
}

const MADE: [name: string, options: unknown, message: readonly string[]][] = [
  [
    "no shape",
    undefined,
    ["MomentsAccumulator: options is undefined", "{ shape, axes, dtype, ranges }"],
  ],
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
  ["a type", { shape: [-1], dtype: "u4" }, ['MomentsAccumulator: dtype "u4"', "bf16"]],
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
  skip,
}) => {
  const adapter = await navigator.gpu.requestAdapter();
  const maxBufferSize = adapter?.limits.maxBufferSize ?? 0;
  const device = await freshDevice({ requiredLimits: { maxBufferSize } });
  skip(!(await knowsItsMemory(device)), "the stack promises memory that it has not");
  const ctx = await freshContext({ device, poolBytes: 0 });
  using acc = accumulator(ctx);
  await acc.add(chunk(0));
  const feed = failAllocations(device, /webgpu-norm (empty|tensor)/);
  const refused = acc.add(chunk(9));
  feed();
  const after = acc.add(chunk(2));
  expectMessage(await rejection(refused), ["MomentsAccumulator.add: ", "out of memory"]);
  await after;
  expect(acc.samples).toBe(4);
  await expectMeans(acc, [5, 8]);
});
