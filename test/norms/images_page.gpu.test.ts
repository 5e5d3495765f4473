// The images of a page give their bytes: canvases, bitmaps, frames, elements. Where there is no page,
// there are none of them.

import { expect } from "vitest";
import { type Context, type ImageSource, normalizeImage } from "../../src/index";
import type { Values } from "../support/arrays";
import { caught, expectMessage } from "../support/error_cases";
import { seeds, test } from "../support/fixture";
import { judgedImage, randomImageOptions, randomImages } from "../support/image_cases";
import { Random } from "../support/random";

const hasPage = typeof OffscreenCanvas === "function" && typeof ImageData === "function";

/** Opaque pixels, which survive any treatment of alpha. */
function opaque(random: Random): Values {
  const images = randomImages(random, 1, 4);
  images.data.forEach((_, i) => {
    if (i % 4 === 3) images.data[i] = 255;
  });
  return images;
}

function imageData({ shape: [, height, width], data }: Values): ImageData {
  return new ImageData(Uint8ClampedArray.from(data), width, height);
}

function canvas(values: Values): OffscreenCanvas {
  const [, height, width] = values.shape;
  const made = new OffscreenCanvas(width, height);
  made.getContext("2d")?.putImageData(imageData(values), 0, 0);
  return made;
}

function element(values: Values): HTMLCanvasElement {
  const [, height, width] = values.shape;
  const made = Object.assign(document.createElement("canvas"), { width, height });
  made.getContext("2d")?.putImageData(imageData(values), 0, 0);
  return made;
}

async function image(values: Values): Promise<HTMLImageElement> {
  const made = new Image();
  made.src = URL.createObjectURL(await canvas(values).convertToBlob());
  await made.decode();
  return made;
}

const bitmap = (values: Values) => createImageBitmap(imageData(values));

function frame({ shape: [, height, width], data }: Values): VideoFrame {
  const size = { codedWidth: width, codedHeight: height };
  return new VideoFrame(Uint8Array.from(data), { format: "RGBA", ...size, timestamp: 0 });
}

const SOURCES: Record<string, (values: Values) => ImageSource | Promise<ImageSource>> = {
  ImageData: imageData,
  OffscreenCanvas: canvas,
  HTMLCanvasElement: element,
  HTMLImageElement: image,
  ImageBitmap: bitmap,
  VideoFrame: frame,
};

const close = (source: ImageSource) => {
  if ("close" in source) source.close();
};

for (const [name, made] of Object.entries(SOURCES)) {
  test(`${name}: its bytes, cropped, flipped, padded`, async ({ ctx, skip }) => {
    if (!hasPage || !(name in globalThis)) return skip(`no ${name} here`);
    for (const seed of seeds().slice(0, 12)) {
      const random = new Random(seed);
      const values = opaque(random);
      const options = randomImageOptions(random, values.shape);
      const source = await made(values);
      const y = normalizeImage(source, { ...options, context: ctx });
      close(source); // the work is on its way
      expect(await judgedImage(values, options, y), `seed ${seed}`).toBe(null);
      y.destroy();
    }
  });
}

test("alpha is dropped, and colours keep what it hid", async ({ ctx, skip }) => {
  if (!hasPage) return skip("no ImageBitmap here");
  const values = randomImages(new Random(4), 1, 4);
  const data = imageData(values);
  const plain = await createImageBitmap(data, { premultiplyAlpha: "none" });
  for (const source of [data, plain]) {
    const y = normalizeImage(source, { context: ctx, preset: "imagenet" });
    expect(await judgedImage(values, { preset: "imagenet" }, y)).toBe(null);
  }
});

test("a video's frame as an external texture", async ({ ctx, device, skip }) => {
  if (!hasPage || typeof VideoFrame !== "function") return skip("no VideoFrame here");
  for (const seed of [1, 2, 3]) {
    const random = new Random(seed);
    const values = opaque(random);
    const options = { ...randomImageOptions(random, values.shape), dtype: "f32" as const };
    const [, height, width] = values.shape;
    const source = frame(values);
    let texture: GPUExternalTexture;
    try {
      texture = device.importExternalTexture({ source });
    } catch {
      source.close();
      return skip("the device imports no frames here");
    }
    const y = normalizeImage(texture, { ...options, context: ctx, width, height });
    // the device converts colours to sRGB, in floats: half a step of a byte, up to 0.5 / 0.2
    expect(await judgedImage(values, options, y, 2.5), `seed ${seed}`).toBe(null);
    source.close();
    expect(
      caught(() => normalizeImage(texture, { context: ctx, width })),
      "a height",
    ).toBeInstanceOf(Error);
  }
});

type Bad = readonly [name: string, made: (ctx: Context) => unknown, message: readonly string[]];

const BAD: readonly Bad[] = [
  [
    "a closed bitmap",
    async () => {
      const source = await bitmap(opaque(new Random(1)));
      source.close();
      return source;
    },
    ["normalizeImage: source is an ImageBitmap of 0 x 0 pixels", "not closed"],
  ],
  [
    "a closed frame",
    () => {
      const source = frame(opaque(new Random(1)));
      source.close();
      return source;
    },
    ["normalizeImage: source is a VideoFrame of 0 x 0 pixels", "not closed"],
  ],
  [
    "an empty canvas",
    () => new OffscreenCanvas(0, 4),
    ["normalizeImage: source is an OffscreenCanvas of 0 x 4 pixels", "has pixels"],
  ],
  [
    "an image that is not loaded",
    () => new Image(),
    ["normalizeImage: source is a HTMLImageElement of 0 x 0 pixels", "loaded"],
  ],
  [
    "a canvas too large for a texture",
    ({ device }) => new OffscreenCanvas(device.limits.maxTextureDimension2D + 1, 1),
    ["normalizeImage: source has", "maxTextureDimension2D"],
  ],
  [
    "a tainted canvas",
    async () => {
      const other = new URL("/docs/demo.png", location.href);
      other.hostname = other.hostname === "localhost" ? "127.0.0.1" : "localhost";
      const picture = new Image();
      picture.src = other.href;
      await picture.decode();
      const made = new OffscreenCanvas(4, 4);
      made.getContext("2d")?.drawImage(picture, 0, 0);
      return made;
    },
    ["normalizeImage: source is an OffscreenCanvas that gives no pixels", "of this origin"],
  ],
];

for (const [name, made, message] of BAD) {
  test(`normalizeImage: ${name}`, async ({ ctx, skip }) => {
    if (!hasPage || typeof document !== "object") return skip("no page here");
    const source = (await made(ctx)) as ImageSource;
    expectMessage(
      caught(() => normalizeImage(source, { context: ctx })),
      message,
    );
  });
}
