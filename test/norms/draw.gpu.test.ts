// A tensor of an image is drawn on canvases of a page, and becomes ImageData: its bytes, to the last
// one. Where there is no page, there are none of them.

import { expect } from "vitest";
import { type Context, drawOnCanvas, type Tensor, toImageData } from "../../src/index";
import { caught, expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";

const hasPage = typeof OffscreenCanvas === "function" && typeof ImageData === "function";

/** Bytes of [H, W, C], and the pixels that they are. */
function image(random: Random, rows: number, columns: number, channels: number, alpha = 255) {
  const bytes = Uint8Array.from({ length: rows * columns * channels }, (_, i) =>
    channels === 4 && i % 4 === 3 ? alpha : random.below(256),
  );
  const pixels = Array.from({ length: rows * columns }, (_, p) => {
    const own = [...bytes.subarray(p * channels, (p + 1) * channels)];
    if (channels === 1) return [own[0], own[0], own[0], 255];
    return channels === 3 ? [...own, 255] : own;
  });
  return { bytes, pixels: pixels.flat() };
}

const SIZES = [
  [1, 1],
  [3, 5],
  [7, 64],
  [65, 130],
] as const;

/** The same image as NHWC bytes, NHWC floats and NCHW halves. */
function tensors(ctx: Context, bytes: Uint8Array, shape: readonly [number, number, number]) {
  const [rows, columns, channels] = shape;
  const planes = Float32Array.from({ length: bytes.length }, (_, i) => {
    const [c, pixel] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    return bytes[pixel * channels + c];
  });
  return [
    ctx.tensor(bytes, shape, { dtype: "u8" }),
    ctx.tensor(Float32Array.from(bytes), shape),
    ctx.tensor(planes, [1, channels, rows, columns], { dtype: "bf16" }),
    ctx.tensor(planes, [1, channels, rows, columns]),
  ];
}

test.skipIf(!hasPage)("ImageData has the bytes of every layout and type", async ({ ctx }) => {
  const random = new Random(1);
  for (const [rows, columns] of SIZES) {
    for (const channels of [1, 3, 4]) {
      const { bytes, pixels } = image(random, rows, columns, channels, 90);
      for (const x of tensors(ctx, bytes, [rows, columns, channels])) {
        const data = await toImageData(x);
        expect([data.width, data.height]).toEqual([columns, rows]);
        expect([...data.data], `${x.dtype} [${x.shape}]`).toEqual(pixels);
      }
    }
  }
});

/**
 * A canvas whose texture can be read. Headless Chromium on a software adapter loses its GPU process
 * with a real one, as it does with a plain clear and without the library.
 */
function standIn(device: GPUDevice) {
  let texture: GPUTexture | undefined;
  let configuration: GPUCanvasConfiguration | undefined;
  const canvas = {
    width: 9,
    height: 9,
    getContext: (kind: string) => (kind === "webgpu" ? context : null),
  };
  const context = {
    configure: (given: GPUCanvasConfiguration) => {
      configuration = given;
    },
    getCurrentTexture: () => {
      const { format = "rgba8unorm", usage = 0 } = configuration ?? {};
      const { width, height } = canvas;
      texture?.destroy();
      texture = device.createTexture({ size: [width, height], format, usage });
      return texture;
    },
  };
  /** Reads the bytes of the texture that would be shown. */
  const shown = async () => {
    const { width, height } = canvas;
    const bytesPerRow = Math.ceil((4 * width) / 256) * 256;
    const buffer = device.createBuffer({ size: bytesPerRow * height, usage: 0x1 | 0x8 }); // mapped, a copy
    const encoder = device.createCommandEncoder();
    encoder.copyTextureToBuffer({ texture: texture as GPUTexture }, { buffer, bytesPerRow }, [
      width,
      height,
    ]);
    device.queue.submit([encoder.finish()]);
    await buffer.mapAsync(1);
    const all = new Uint8Array(buffer.getMappedRange());
    const rows = Array.from({ length: height }, (_, y) => [
      ...all.subarray(y * bytesPerRow, y * bytesPerRow + 4 * width),
    ]);
    buffer.destroy();
    return rows.flat();
  };
  return { canvas, shown, alphaMode: () => configuration?.alphaMode };
}

test("a canvas gets the image, in every layout and type", async ({ ctx, device }) => {
  const random = new Random(2);
  const { canvas, shown, alphaMode } = standIn(device);
  for (const [rows, columns] of SIZES) {
    for (const channels of [1, 3, 4]) {
      const { bytes, pixels } = image(random, rows, columns, channels);
      for (const x of tensors(ctx, bytes, [rows, columns, channels])) {
        drawOnCanvas(x, canvas as never);
        const title = `${x.dtype} [${x.shape}]`;
        expect([canvas.width, canvas.height], title).toEqual([columns, rows]);
        expect(alphaMode(), title).toBe(channels === 4 ? "premultiplied" : "opaque");
        expect(await shown(), title).toEqual(pixels);
      }
    }
  }
});

test("one canvas, image after image, in batches", async ({ ctx, device }) => {
  const { canvas, shown } = standIn(device);
  const random = new Random(3);
  for (const [rows, columns] of SIZES) {
    const { bytes, pixels } = image(random, rows, columns, 3);
    ctx.batch(() => {
      drawOnCanvas(ctx.tensor(bytes, [rows, columns, 3], { dtype: "u8" }), canvas as never);
    });
    expect(await shown()).toEqual(pixels);
  }
});

test("a canvas has colours times alpha", async ({ ctx, device }) => {
  const { canvas, shown } = standIn(device);
  drawOnCanvas(ctx.tensor([200, 101, 0, 128], [1, 1, 4]), canvas as never);
  const expected = [200, 101, 0].map((v) => Math.round((v * 128) / 255));
  expect(await shown()).toEqual([...expected, 128]);
});

const isFirefox = hasPage && navigator.userAgent.includes("Firefox");

test.skipIf(!isFirefox)(
  "a page's canvas shows it: a 2d canvas can take it over",
  async ({ ctx }) => {
    const { bytes, pixels } = image(new Random(4), 7, 64, 3);
    const canvas = new OffscreenCanvas(1, 1);
    drawOnCanvas(ctx.tensor(bytes, [7, 64, 3], { dtype: "u8" }), canvas);
    const plain = new OffscreenCanvas(64, 7).getContext("2d");
    plain?.drawImage(canvas, 0, 0);
    expect([...(plain?.getImageData(0, 0, 64, 7).data ?? [])]).toEqual(pixels);
  },
);

const wrongShapes = (ctx: Context): Tensor[] =>
  [[4], [2, 2, 2], [2, 3, 4, 4], [1, 5, 4, 4], [0, 4, 3]].map((shape) => ctx.empty(shape));

test("images of other shapes, and other canvases", async ({ ctx }) => {
  for (const x of wrongShapes(ctx)) {
    const message = [`drawOnCanvas: x has shape [${x.shape.join(", ")}]`, "[1, C, H, W]"];
    expectMessage(
      caught(() => drawOnCanvas(x, {} as never)),
      message,
    );
  }
  const x = ctx.tensor([1, 2, 3], [1, 1, 3]);
  expectMessage(
    caught(() => drawOnCanvas(x, {} as never)),
    ["drawOnCanvas: canvas is", "WebGPU"],
  );
  const started = await rejection(toImageData([1] as never));
  expectMessage(started, ["toImageData: x is [1]", "tensor"]);
  if (!hasPage) {
    return expectMessage(await rejection(toImageData(x)), ["toImageData: ImageData is missing"]);
  }
  const canvas = new OffscreenCanvas(1, 1);
  canvas.getContext("2d");
  expectMessage(
    caught(() => drawOnCanvas(x, canvas)),
    ["drawOnCanvas: canvas has a context of another kind", "without one"],
  );
});
