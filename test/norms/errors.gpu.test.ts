// Bad buffers, destroyed tensors and lost devices give errors, one test per message.

import { expect } from "vitest";
import {
  applyMoments,
  batchNorm,
  createContext,
  explain,
  groupNorm,
  layerNorm,
  mean,
  standardize,
} from "../../src/index";
import {
  caught,
  destroyed,
  type ErrorCase,
  expectMessage,
  expectUsable,
  failAllocations,
  kitOf,
  knowsItsMemory,
  rejection,
  testErrors,
  USAGE,
} from "../support/error_cases";
import { test } from "../support/fixture";

const BUFFERS: ErrorCase[] = [
  [
    "no buffer",
    ({ ctx }) => ctx.fromBuffer({} as never, { shape: [1] }),
    ["fromBuffer: buffer", "GPUBuffer"],
  ],
  [
    "a buffer that shaders cannot use",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(USAGE.copySrc), { shape: [4] }),
    ["fromBuffer: the buffer has usage 4", "STORAGE"],
  ],
  [
    "an offset inside an element",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [4], offset: 2 }),
    ["fromBuffer: offset 2", "multiple of 4"],
  ],
  [
    "a negative offset",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [4], offset: -4 }),
    ["fromBuffer: offset -4", "non-negative"],
  ],
  [
    "too few strides",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [4, 2], strides: [2] }),
    ["fromBuffer: strides [2]", "2 non-negative integers"],
  ],
  [
    "a negative stride",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [4], strides: [-1] }),
    ["fromBuffer: strides [-1]", "non-negative"],
  ],
  [
    "a buffer that is too small",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [10, 20], strides: [30, 1], offset: 8 }),
    ["fromBuffer: shape [10, 20]", "strides [30, 1]", "offset 8", "1168 bytes", "1024"],
  ],
  [
    "a result of another shape",
    ({ x, of }) => mean(x, { axes: [0], out: of(2) }),
    ["mean: out", "[2]", "expected [6, 4]"],
  ],
  [
    "a result whose elements overlap",
    ({ ctx, x, buffer }) => {
      const out = ctx.fromBuffer(buffer(), { shape: [2, 6, 4], strides: [24, 0, 1] });
      return groupNorm(x, { groups: 2, out });
    },
    ["groupNorm: out", "strides [24, 0, 1]", "overlap"],
  ],
  [
    "a result over another part of the input's buffer",
    ({ ctx, buffer }) => {
      const shared = buffer();
      const [x, out] = [0, 16].map((offset) => ctx.fromBuffer(shared, { shape: [4, 8], offset }));
      return layerNorm(x, { normalizedShape: [8], out });
    },
    ["layerNorm: y shares", "x", "another buffer"],
  ],
  [
    "a result over the input in another order",
    ({ ctx, buffer }) => {
      const shared = buffer();
      const x = ctx.fromBuffer(shared, { shape: [8, 8] });
      const out = ctx.fromBuffer(shared, { shape: [8, 8], strides: [1, 8] });
      return standardize(x, { axes: [1], out });
    },
    ["standardize: y shares", "x", "another buffer"],
  ],
  [
    "a statistic over its input",
    ({ ctx, buffer }) => {
      const shared = buffer();
      const x = ctx.fromBuffer(shared, { shape: [4, 8] });
      return mean(x, { axes: [1], out: ctx.fromBuffer(shared, { shape: [4], offset: 512 }) });
    },
    ["mean: out", "x", "another buffer"],
  ],
  [
    "a result over another part of the weight",
    ({ ctx, buffer, of }) => {
      const shared = buffer();
      const at = (offset: number) => ctx.fromBuffer(shared, { shape: [2, 4], offset });
      return standardize(of(2, 4), { axes: [1], weight: at(0), out: at(16) });
    },
    ["standardize: y shares", "weight", "another buffer"],
  ],
  [
    "one tensor for both running statistics",
    ({ x, of }) => {
      const running = of(6);
      return batchNorm(x, { training: true, runningMean: running, runningVar: running });
    },
    ["batchNorm: running", "running", "another buffer"],
  ],
];

const LIVES: ErrorCase[] = [
  ["a destroyed input", ({ of }) => mean(destroyed(of(3))), ["mean: x is destroyed", "live"]],
  [
    "a destroyed weight",
    ({ x, of }) => layerNorm(x, { normalizedShape: [4], weight: destroyed(of(4)) }),
    ["layerNorm: weight is destroyed", "live"],
  ],
  [
    "a view of a destroyed tensor",
    ({ of }) => {
      const whole = of(4);
      const view = whole.reshape([2, 2]);
      whole.destroy();
      return mean(view);
    },
    ["mean: x is destroyed", "live"],
  ],
  [
    "reshape of a destroyed tensor",
    ({ of }) => destroyed(of(3)).reshape([3]),
    ["reshape:", "destroyed", "live"],
  ],
  [
    "a batch that waits",
    ({ ctx, x }) => ctx.batch((async () => mean(x)) as never),
    ["batch: the function returned a promise", "synchronous"],
  ],
  [
    "statistics larger than a binding can be",
    ({ ctx }) => {
      const [x, mean, variance] = [1, 2, 3].map(() => ctx.empty([1, 2 ** 25 + 1]));
      return applyMoments(x, { mean, variance, axes: [0] });
    },
    ["applyMoments: mean takes 134217732 bytes", "maxStorageBufferBindingSize of 134217728"],
  ],
  [
    "a plan that cannot be",
    ({ ctx }) => explain(ctx, groupNorm, { shape: [2, 30, 4], groups: 4 }),
    ["groupNorm: channels 30 is not divisible by groups 4"],
  ],
];

testErrors([...BUFFERS, ...LIVES]);

test("read: a buffer that cannot be copied from", async ({ ctx }) => {
  const kit = kitOf(ctx);
  const tensor = ctx.fromBuffer(kit.buffer(USAGE.storage), { shape: [4] });
  const error = await rejection(tensor.read());
  expectMessage(error, ["read: the buffer has usage 128", "COPY_SRC"]);
  await expectUsable(kit);
});

test("read: a destroyed tensor", async ({ ctx }) => {
  const kit = kitOf(ctx);
  const error = await destroyed(kit.of(3))
    .read()
    .catch((reason) => reason);
  expectMessage(error, ["read:", "destroyed", "live"]);
  await expectUsable(kit);
});

test("layerNorm: a weight on another device", async ({ ctx, freshContext }) => {
  const [here, there] = [kitOf(ctx), kitOf(await freshContext())];
  const call = () => layerNorm(here.x, { normalizedShape: [4], weight: there.of(4) });
  expectMessage(caught(call), ["layerNorm: weight is on another device", "one device"]);
  await expectUsable(here);
  await expectUsable(there);
});

test("mean: a tensor of a destroyed context", async ({ ctx, freshContext }) => {
  const own = await freshContext();
  const { x } = kitOf(own);
  own.destroy();
  expectMessage(
    caught(() => mean(x)),
    ["mean: the context is destroyed", "live"],
  );
  expectMessage(
    caught(() => own.empty([2])),
    ["empty: the context is destroyed", "live"],
  );
  await expectUsable(kitOf(ctx));
});

test("mean: a lost device", async ({ ctx, freshDevice }) => {
  const device = await freshDevice();
  const { x } = kitOf(await createContext({ device }));
  const reading = x.read().catch((error: unknown) => error);
  device.destroy();
  await device.lost;
  expectMessage(
    caught(() => mean(x)),
    ["mean: the GPU device was lost (destroyed)", "live"],
  );
  const read = await reading;
  if (read instanceof Float32Array) expect(read).toEqual(Float32Array.from(read, (_, i) => i % 5));
  else expectMessage(read, ["read:"]); // Deno ends what is under way, the others do not
  expectMessage(await rejection(x.read()), ["read: the GPU device was lost (destroyed)", "live"]);
  expectMessage(await rejection(createContext({ device })), [
    "createContext: the device is lost",
    "live",
  ]);
  await expectUsable(kitOf(ctx));
});

test("createContext: bytes of a pool that are no number", async ({ ctx, device }) => {
  const error = await rejection(createContext({ device, poolBytes: NaN }));
  expectMessage(error, ["createContext: poolBytes NaN", "number of bytes"]);
  await expectUsable(kitOf(ctx));
});

/** Replaces navigator.gpu while `work` runs. */
async function withGpu(gpu: unknown, work: () => Promise<void>): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(navigator, "gpu");
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  try {
    await work();
  } finally {
    if (own) Object.defineProperty(navigator, "gpu", own);
    else delete (navigator as { gpu?: GPU }).gpu;
  }
}

test("createContext: an environment without WebGPU", async ({ ctx }) => {
  await withGpu(undefined, async () => {
    const error = await rejection(createContext());
    expectMessage(error, ["createContext: WebGPU is missing", "navigator.gpu"]);
  });
  await expectUsable(kitOf(ctx));
});

test("createContext: no adapter", async ({ ctx }) => {
  await withGpu({ requestAdapter: async () => null }, async () => {
    const error = await rejection(createContext());
    expectMessage(error, ["createContext: no adapter", "GPU"]);
  });
  await expectUsable(kitOf(ctx));
});

test("an upload that the GPU has no memory for", async ({ freshDevice, freshContext, skip }) => {
  const adapter = await navigator.gpu.requestAdapter();
  const maxBufferSize = adapter?.limits.maxBufferSize ?? 0;
  const device = await freshDevice({ requiredLimits: { maxBufferSize } });
  skip(!(await knowsItsMemory(device)), "the stack promises memory that it has not");
  const ctx = await freshContext({ device, poolBytes: 0 });
  const feed = failAllocations(device, /webgpu-norm tensor/);
  const x = ctx.tensor([1, 2, 3], [3]);
  feed();
  expectMessage(await rejection(x.read()), ["tensor: out of memory"]);
  expect(await ctx.tensor([1, 2, 3], [3]).read()).toEqual(Float32Array.of(1, 2, 3));
});
