// Images in tensors, buffers, bytes and textures are normalized as the formula says, wherever they
// lie, into any place, in one dispatch or many.

import { expect } from "vitest";
import {
  type Context,
  explain,
  type NormalizeImageOptions,
  normalizeImage,
  prepare,
  type Tensor,
} from "../../src/index";
import type { Values } from "../support/arrays";
import { inChunks } from "../support/comparison";
import { type ErrorCase, testErrors, USAGE } from "../support/error_cases";
import { seeds, test } from "../support/fixture";
import { judgedImage, randomImageOptions, randomImages } from "../support/image_cases";
import { type Placing, place, placeEmpty, trespass } from "../support/placement";
import { Random } from "../support/random";

const TEXTURE = { copyDst: 0x2, binding: 0x4, target: 0x10 };

/** A case's seed, some times as many as random problems have. */
const cases = () => seeds().flatMap((seed) => [4 * seed, 4 * seed + 1, 4 * seed + 2, 4 * seed + 3]);

async function tensorCase(ctx: Context, seed: number): Promise<string | null> {
  const random = new Random(seed);
  const images = randomImages(random, random.pick([1, 1, 2, 3]), random.pick([3, 4]));
  const placing = random.pick<Placing>(["own", "aligned", "offset", "padded", "permuted"]);
  const source = place(ctx, images, placing, random, "u8");
  const options = randomImageOptions(random, images.shape);
  const { shape } = await import("../reference/image").then((r) =>
    r.normalizeImage(images, options),
  );
  const into = random.chance(0.6)
    ? placeEmpty(
        ctx,
        shape,
        random.pick(["aligned", "offset", "padded", "permuted"]),
        random,
        options.dtype,
      )
    : undefined;
  const y = normalizeImage(source.tensor, { ...options, ...(into && { out: into.tensor }) });
  const wrong =
    (await judgedImage(images, options, y)) ??
    (await trespass(ctx, source, false)) ??
    (into ? await trespass(ctx, into, true) : null);
  y.destroy();
  source.destroy();
  into?.destroy();
  return wrong && `seed ${seed}: ${placing}, ${wrong}`;
}

test("tensors of images, anywhere and into anything", async ({ ctx }) => {
  expect(await inChunks(cases(), (seed) => tensorCase(ctx, seed))).toEqual([]);
});

test("images larger than a binding, in parts", async ({ freshContext }) => {
  const small = await freshContext({ profile: { maxBindingBytes: 4096 } });
  expect(await inChunks(cases(), (seed) => tensorCase(small, 1000 + seed))).toEqual([]);
  const shape = [2, 31, 33, 4];
  const plan = explain(small, normalizeImage, { shape, inputType: "u8" });
  expect(plan.passes.length).toBe(1);
  expect(plan.passes[0].dispatches).toBeGreaterThan(5);
});

test("bytes and buffers of RGB and RGBA", async ({ ctx, device }) => {
  const failures = await inChunks(cases(), async (seed) => {
    const random = new Random(seed);
    const images = randomImages(random, 1, random.pick([3, 4]));
    const options = randomImageOptions(random, images.shape);
    const [, height, width] = images.shape;
    const bytes = random.chance(0.5)
      ? Uint8Array.from(images.data)
      : Uint8ClampedArray.from(images.data);
    const own = { ...options, context: ctx, width, height };
    const size = Math.ceil(bytes.length / 4) * 4;
    const buffer = device.createBuffer({ size, usage: USAGE.storage | USAGE.copyDst });
    const padded = new Uint8Array(size);
    padded.set(bytes);
    device.queue.writeBuffer(buffer, 0, padded);
    const [a, b] = [normalizeImage(bytes, own), normalizeImage(buffer, own)];
    const wrong =
      (await judgedImage(images, options, a)) ?? (await judgedImage(images, options, b));
    for (const one of [a, b, buffer]) one.destroy();
    return wrong && `seed ${seed}: ${wrong}`;
  });
  expect(failures).toEqual([]);
});

function textureOf(device: GPUDevice, { shape, data }: Values, format: GPUTextureFormat) {
  const [layers, height, width] = shape;
  const bytes = Uint8Array.from(data);
  if (format === "bgra8unorm") {
    for (let i = 0; i < bytes.length; i += 4) {
      [bytes[i], bytes[i + 2]] = [bytes[i + 2], bytes[i]];
    }
  }
  const content = format === "rgba32float" ? Float32Array.from(data, (v) => v / 255) : bytes;
  const size = [width, height, layers];
  const usage = TEXTURE.copyDst | TEXTURE.binding;
  const texture = device.createTexture({ size, format, usage });
  const bytesPerRow = (content.byteLength / (layers * height)) | 0;
  device.queue.writeTexture(
    { texture },
    content as Uint8Array<ArrayBuffer>,
    { bytesPerRow, rowsPerImage: height },
    size,
  );
  return texture;
}

for (const format of ["rgba8unorm", "bgra8unorm", "rgba32float"] as const) {
  test(`textures of ${format}, a layer for each image`, async ({ ctx, device }) => {
    const failures = await inChunks(seeds(), async (seed) => {
      const random = new Random(seed);
      const images = randomImages(random, random.pick([1, 2]), 4);
      const options = randomImageOptions(random, images.shape);
      const texture = textureOf(device, images, format);
      const y = normalizeImage(texture, { ...options, context: ctx });
      const loss = format === "rgba32float" ? 1e-5 : 0; // v / 255 is rounded, and counts up to 255 / 0.2
      const wrong = await judgedImage(images, options, y, loss);
      y.destroy();
      texture.destroy();
      return wrong && `seed ${seed}: ${wrong}`;
    });
    expect(failures).toEqual([]);
  });
}

test("textures larger than a binding, in parts", async ({ freshContext }) => {
  const small = await freshContext({ profile: { maxBindingBytes: 4096 } });
  const random = new Random(5);
  const images = randomImages(random, 2, 4);
  const big = {
    shape: [2, 33, 20, 4],
    data: Float32Array.from({ length: 5280 }, () => random.below(256)),
  };
  for (const source of [images, big]) {
    const texture = textureOf(small.device, source, "rgba8unorm");
    const y = normalizeImage(texture, { context: small, preset: "clip" });
    expect(await judgedImage(source, { preset: "clip" }, y)).toBe(null);
    texture.destroy();
  }
});

test("in a batch, sources are freed after the work", async ({ ctx }) => {
  const random = new Random(9);
  const sources = [1, 2, 3].map(() => randomImages(random, 1, 4));
  const results = ctx.batch(() =>
    sources.map(({ shape: [, height, width], data }) =>
      normalizeImage(Uint8Array.from(data), { context: ctx, width, height, preset: "siglip" }),
    ),
  );
  for (const [i, y] of results.entries()) {
    expect(await judgedImage(sources[i], { preset: "siglip" }, y)).toBe(null);
  }
});

test("prepared, it runs in the caller's pass", async ({ ctx, device }) => {
  const random = new Random(3);
  const images = randomImages(random, 2, 4);
  const options: Omit<NormalizeImageOptions, "out"> = {
    preset: "imagenet",
    dtype: "f16",
    flip: "horizontal",
  };
  using prepared = prepare(ctx, normalizeImage, {
    shape: images.shape,
    inputType: "u8",
    ...options,
  });
  const encoder = device.createCommandEncoder();
  const source = ctx.tensor(images.data as Float32Array, images.shape, { dtype: "u8" });
  const y = prepared.encode(encoder, { source }) as Tensor;
  device.queue.submit([encoder.finish()]);
  expect(await judgedImage(images, options, y)).toBe(null);
});

test("it reads bytes once and writes halves once", ({ ctx }) => {
  const plan = explain(ctx, normalizeImage, {
    shape: [1, 224, 224, 4],
    inputType: "u8",
    dtype: "f16",
  });
  expect(plan.bytes).toBe(224 * 224 * (4 + 3 * 2));
  expect(plan.passes[0].shaders).toContain("image/load/words.wgsl");
  expect(plan.passes[0].shaders).toContain("image/write/planes.wgsl");
});

test("no images give no result, without work", async ({ ctx }) => {
  const y = normalizeImage(ctx.empty([0, 4, 4, 3], { dtype: "u8" }), {});
  expect(y.shape).toEqual([0, 3, 4, 4]);
  expect([...(await y.read())]).toEqual([]);
});

const image = (ctx: Context, shape: number[] = [1, 4, 6, 4]) => ctx.empty(shape, { dtype: "u8" });
const bytes = (length: number) => new Uint8Array(length);
const texture = (ctx: Context, descriptor: Partial<GPUTextureDescriptor>) =>
  ctx.device.createTexture({
    size: [4, 4],
    format: "rgba8unorm",
    usage: TEXTURE.binding,
    ...descriptor,
  });

const ERRORS: ErrorCase[] = [
  [
    "a source of floats",
    ({ ctx }) => normalizeImage(ctx.empty([1, 4, 4, 3])),
    ["normalizeImage: source has dtype f32", "u8"],
  ],
  [
    "a source of other channels",
    ({ ctx }) => normalizeImage(image(ctx, [1, 4, 4, 2])),
    ["normalizeImage: source has shape [1, 4, 4, 2]", "[N, H, W, 3] or [N, H, W, 4]"],
  ],
  [
    "a source of zero size",
    ({ ctx }) => normalizeImage(image(ctx, [1, 0, 4, 3])),
    ["normalizeImage: source has shape [1, 0, 4, 3]", "at least one pixel"],
  ],
  [
    "an unknown source",
    ({ ctx }) => normalizeImage({} as never, { context: ctx }),
    ["normalizeImage: source is an object", "ImageBitmap", "a texture"],
  ],
  [
    "no context",
    () => normalizeImage(bytes(64), { width: 4, height: 4 }),
    ["normalizeImage: context is undefined", "createContext"],
  ],
  [
    "bytes without a size",
    ({ ctx }) => normalizeImage(bytes(64), { context: ctx, height: 4 }),
    ["normalizeImage: width undefined", "pixels"],
  ],
  [
    "bytes of another size",
    ({ ctx }) => normalizeImage(bytes(65), { context: ctx, width: 4, height: 4 }),
    ["normalizeImage: source has 65 values", "48 or 64 bytes", "4 x 4"],
  ],
  [
    "a buffer of another size",
    ({ ctx, buffer }) => normalizeImage(buffer(), { context: ctx, width: 20, height: 20 }),
    ["normalizeImage: source has 1024 bytes", "1600 bytes of RGBA or 1200 of RGB"],
  ],
  [
    "a width that is not the source's",
    ({ ctx }) => normalizeImage(image(ctx), { width: 4 }),
    ["normalizeImage: width 4", "6"],
  ],
  [
    "a texture of another format",
    ({ ctx }) => normalizeImage(texture(ctx, { format: "rgba8unorm-srgb" }), { context: ctx }),
    ["normalizeImage: source has format rgba8unorm-srgb", "rgba8unorm, bgra8unorm"],
  ],
  [
    "a texture that cannot be bound",
    ({ ctx }) => normalizeImage(texture(ctx, { usage: TEXTURE.copyDst }), { context: ctx }),
    ["normalizeImage: source has usage 2", "TEXTURE_BINDING (4)"],
  ],
  [
    "a texture of volumes",
    ({ ctx }) =>
      normalizeImage(texture(ctx, { size: [4, 4, 4], dimension: "3d" }), { context: ctx }),
    ["normalizeImage: source has dimension 3d", "2d"],
  ],
  [
    "a texture of several samples",
    ({ ctx }) => {
      const usage = TEXTURE.binding | TEXTURE.target;
      return normalizeImage(texture(ctx, { sampleCount: 4, usage }), { context: ctx });
    },
    ["normalizeImage: source has 4 samples", "1"],
  ],
  [
    "a crop beyond the image",
    ({ ctx }) => normalizeImage(image(ctx), { crop: { x: 4, y: 0, width: 3, height: 1 } }),
    ['normalizeImage: crop {"x":4', "within 6 x 4 pixels"],
  ],
  [
    "a crop of nothing",
    ({ ctx }) => normalizeImage(image(ctx), { crop: { x: 0, y: 0, width: 0, height: 1 } }),
    ["normalizeImage: crop", "within 6 x 4 pixels"],
  ],
  [
    "a padding within the image",
    ({ ctx }) => normalizeImage(image(ctx), { pad: { width: 5, height: 9 } }),
    ["normalizeImage: pad", "at least 6 x 4 pixels"],
  ],
  [
    "a deviation of 0",
    ({ ctx }) => normalizeImage(image(ctx), { std: [1, 0, 1] }),
    ["normalizeImage: std [1, 0, 1]", "none of 0"],
  ],
  [
    "too few means",
    ({ ctx }) => normalizeImage(image(ctx), { mean: [1, 2] }),
    ["normalizeImage: mean [1, 2]", "3 of them"],
  ],
  [
    "a preset for gray",
    ({ ctx }) => normalizeImage(image(ctx), { channels: "gray", preset: "clip" }),
    ["normalizeImage: mean", "of preset clip", "1 of them"],
  ],
  [
    "an unknown preset",
    ({ ctx }) => normalizeImage(image(ctx), { preset: "vit" as never }),
    ['normalizeImage: preset "vit"', "imagenet, clip, siglip"],
  ],
  [
    "unknown channels",
    ({ ctx }) => normalizeImage(image(ctx), { channels: "rgba" as never }),
    ['normalizeImage: channels "rgba"', "rgb, bgr, gray"],
  ],
  [
    "an unknown layout",
    ({ ctx }) => normalizeImage(image(ctx), { layout: "chw" as never }),
    ['normalizeImage: layout "chw"', "nchw, nhwc"],
  ],
  [
    "an unknown flip",
    ({ ctx }) => normalizeImage(image(ctx), { flip: true as never }),
    ["normalizeImage: flip true", "horizontal, vertical"],
  ],
  [
    "a result of bytes",
    ({ ctx }) => normalizeImage(image(ctx), { dtype: "u8" as never }),
    ['normalizeImage: dtype "u8"', "f32, f16, bf16"],
  ],
  [
    "a result of another shape",
    ({ ctx, of }) => normalizeImage(image(ctx), { out: of(1, 4, 6, 3) }),
    ["normalizeImage: out has shape [1, 4, 6, 3]", "[1, 3, 4, 6]"],
  ],
  [
    "a destroyed source",
    ({ ctx }) => {
      const source = image(ctx);
      source.destroy();
      return normalizeImage(source);
    },
    ["normalizeImage: source is destroyed", "live"],
  ],
];

testErrors(ERRORS);

test("rows that are wider than a binding are an error", async ({ freshContext }) => {
  const small = await freshContext({ profile: { maxBindingBytes: 1024 } });
  const source = small.empty([1, 8, 4096, 4], { dtype: "u8" });
  expect(() => normalizeImage(source)).toThrow(
    "normalizeImage: the rows of an image lie too far apart, expected four of them within 1024 bytes",
  );
});
