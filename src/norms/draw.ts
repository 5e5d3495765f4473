// Tensors of images go back to the page: to a canvas, without a way over the host, or to ImageData.

import { DTYPES } from "../base/dtype";
import { fail, show } from "../base/errors";
import { sizeOf } from "../base/shape";
import { contextOf, operation } from "../operation/operation";
import { planPixels } from "../plan/pixels";
import {
  type ArraySpec,
  bindingLayoutOf,
  bindingRangeOf,
  checkLive,
  type Tensor,
} from "../runtime/tensor";
import { statisticsProblem } from "./merge_moments";

const CHANNELS = [1, 3, 4];

/** An image as rows, columns and channels, whatever the order of its axes. */
function imageOf(op: string, x: ArraySpec): ArraySpec {
  const { shape, strides } = x;
  const axes = shape.length === 4 && shape[0] === 1 ? [2, 3, 1] : [0, 1, 2];
  const [rows = 0, columns = 0, channels = 0] = axes.map((axis) => shape[axis] ?? 0);
  const usual = shape.length === 3 || axes[0] === 2;
  if (!usual || rows * columns === 0 || !CHANNELS.includes(channels)) {
    const expected = "[H, W, C] or [1, C, H, W] with 1, 3 or 4 channels";
    fail(op, `x has shape ${show(shape)}, expected ${expected}`);
  }
  return {
    ...x,
    ...{ shape: [rows, columns, channels], offset: x.offset, dtype: x.dtype },
    strides: axes.map((axis) => strides[axis] as number),
  };
}

interface PixelOptions {
  /** Rows have a multiple of this many words. */
  step: number;
  premultiplies: boolean;
}

/** Makes an operation that returns an image as words of RGBA. */
const pixelsFor = (op: string) =>
  operation({
    name: op,
    define(x: ArraySpec, { step, premultiplies }: PixelOptions) {
      const image = imageOf(op, x);
      const [rows = 0, columns = 0] = image.shape;
      const wordsOfRow = Math.ceil(columns / step) * step;
      const uniforms = { wordsOfRow, premultiplies: Number(premultiplies) };
      return {
        problem: {
          ...statisticsProblem(op, {}, image.shape, [], uniforms),
          layouts: { x: bindingLayoutOf(image) },
        },
        plan: planPixels,
        arrays: { x },
        outputs: { words: { shape: [rows, wordsOfRow], dtype: "u32" as const } },
        statisticsShape: [],
        result: ({ outputs }) => outputs.words as Tensor, // all outputs of a call are there
      };
    },
  });

const IMAGE_DATA = "toImageData";
const CANVAS = "drawOnCanvas";

/** Makes the words of ImageData. */
export const toWords = /* @__PURE__ */ pixelsFor(IMAGE_DATA);
const toTexels = /* @__PURE__ */ pixelsFor(CANVAS);

/** Checks a tensor of an image, and that a binding has room for it. */
function checkImage(op: string, x: unknown): { x: Tensor; columns: number; rows: number } {
  const tensor = checkLive(op, "x", x);
  const [rows = 0, columns = 0] = imageOf(op, tensor).shape;
  const most = tensor.context.device.limits.maxStorageBufferBindingSize;
  const bytes = Math.max(bindingRangeOf(tensor).size, 4 * rows * columns);
  if (bytes > most) {
    fail(op, `x takes ${bytes} bytes, expected at most ${most} (maxStorageBufferBindingSize)`);
  }
  return { x: tensor, columns, rows };
}

/**
 * Reads an image as ImageData, for a 2d canvas or an encoder. x: [H, W, C] or [1, C, H, W] with 1
 * channel (gray), 3 (RGB) or 4 (RGBA, alpha not premultiplied); values from 0 to 255 of any dtype,
 * each rounded to the nearest byte, ties to even, and clamped; NaN becomes 0. Waits for the GPU.
 *
 * Rejects with a NormError for another shape, an image larger than a binding, and if the GPU
 * refused the work.
 */
export async function toImageData(x: Tensor): Promise<ImageData> {
  const context = contextOf(IMAGE_DATA, "x", x);
  if (typeof ImageData !== "function") fail(IMAGE_DATA, "ImageData is missing, expected a browser");
  const { columns, rows } = checkImage(IMAGE_DATA, x);
  const words = toWords(x, { step: 1, premultiplies: false });
  try {
    const reading = context.download(words.buffer, 0, DTYPES.u32.bytes * sizeOf(words.shape));
    const bytes = await reading.catch((error: Error) => error);
    const refused = await words.storage.written.done;
    if (refused !== null) throw refused;
    if (bytes instanceof Error) throw bytes;
    return new ImageData(new Uint8ClampedArray(bytes), columns, rows);
  } finally {
    words.destroy();
  }
}

const TEXEL_ROW = 64; // words: rows of a buffer start at multiples of 256 bytes in copies to textures
const USAGE = 0x1 | 0x2 | 0x10; // COPY_SRC, so that others can read it, COPY_DST, RENDER_ATTACHMENT

/**
 * Draws an image on a canvas, on the GPU alone. x is as for `toImageData`; the canvas, of the page or
 * an OffscreenCanvas, gets x's size and is configured for x's device, opaque unless x has alpha. What
 * is drawn is shown when the page is next presented, as all that WebGPU draws.
 *
 * Throws NormError for another shape, an image larger than a binding or than the device's textures,
 * and a canvas that has a context of another kind.
 */
export function drawOnCanvas(x: Tensor, canvas: HTMLCanvasElement | OffscreenCanvas): void {
  const owner = contextOf(CANVAS, "x", x);
  const { columns, rows } = checkImage(CANVAS, x);
  const { device } = owner;
  const most = device.limits.maxTextureDimension2D;
  if (Math.max(columns, rows) > most) {
    fail(CANVAS, `x has ${columns} x ${rows} pixels, expected at most ${most} along each axis`);
  }
  const target = typeof canvas?.getContext === "function" ? canvas.getContext("webgpu") : undefined;
  if (!target) {
    const given = target === null ? "has a context of another kind" : `is ${show(canvas)}`;
    fail(CANVAS, `canvas ${given}, expected a canvas without one, or with that of WebGPU`);
  }
  const hasAlpha = imageOf(CANVAS, x).shape[2] === 4;
  owner.work(() => {
    const words = toTexels(x, { step: TEXEL_ROW, premultiplies: hasAlpha });
    const bytesPerRow = 4 * (words.shape[1] as number);
    const draw = () => {
      Object.assign(canvas, { width: columns, height: rows });
      (target as GPUCanvasContext).configure({
        ...{ device, format: "rgba8unorm", usage: USAGE },
        alphaMode: hasAlpha ? "premultiplied" : "opaque",
      });
      const texture = (target as GPUCanvasContext).getCurrentTexture();
      const encoder = device.createCommandEncoder({ label: "webgpu-norm" });
      encoder.copyBufferToTexture({ buffer: words.buffer, bytesPerRow }, { texture }, [
        columns,
        rows,
      ]);
      device.queue.submit([encoder.finish()]);
    };
    try {
      owner.queue.flush();
      owner.queue.check(CANVAS, draw, undefined, ["validation"]);
    } finally {
      words.destroy();
    }
  });
}
