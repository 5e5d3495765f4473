// A source of an image is brought to the GPU as it is: bytes as a tensor, all else as a texture.

import { fail, show } from "../../base/errors";
import { sizeOf } from "../../base/shape";
import { type Context, checkContext } from "../../runtime/context";
import { OK } from "../../runtime/gpu_status";
import { Tensor, type TensorOwner } from "../../runtime/tensor";
import {
  IMAGE_EXTERNAL,
  IMAGE_FLOAT_TEXTURE,
  IMAGE_TEXTURE,
  type StatisticKind,
} from "../../wgsl/statistics";

type HostImage =
  | ImageBitmap
  | VideoFrame
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLImageElement
  | HTMLVideoElement;

/** An image is on the GPU, or comes from the page. */
export type ImageSource =
  | Tensor
  | ImageData
  | Uint8Array
  | Uint8ClampedArray
  | GPUBuffer
  | GPUTexture
  | GPUExternalTexture
  | HostImage;

interface SourceOptions {
  readonly context?: Context | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** A texture stands for a tensor [N, H, W, 4] of u8. Its kind says which file reads it. */
export class TextureTensor extends Tensor {
  constructor(
    context: TensorOwner,
    texture: GPUTextureView | GPUExternalTexture,
    shape: readonly number[],
    readonly kind: StatisticKind,
  ) {
    const buffer = texture as unknown as GPUBuffer; // bound as a texture, by the file that reads it
    const storage = { buffer, owned: false, references: 1, written: OK };
    super(context, storage, shape, [0, 0, 0, 0], 0, "u8", true);
  }
}

const TEXTURE_USAGE = { copyDst: 0x2, binding: 0x4, target: 0x10 };

/** These formats have 8 bits for each channel, and those more. */
const BYTES = ["rgba8unorm", "bgra8unorm"];
const FLOATS = ["rgb10a2unorm", "rgba16float", "rgba32float", "rgba16unorm"];

/** Runs an operation on the tensor of a source, and frees what was made for it. */
export function withImage(
  op: string,
  source: unknown,
  o: SourceOptions,
  run: (tensor: Tensor) => Tensor,
): Tensor {
  const { context } = Object(o) as SourceOptions;
  checkContext(op, context);
  const owner = context as Context; // checked
  owner.checkAlive(op);
  return owner.work(() => {
    const [tensor, end] = tensorFrom(op, owner, source, o);
    try {
      return run(tensor);
    } finally {
      tensor.destroy();
      end?.();
    }
  });
}

type Brought = readonly [tensor: Tensor, end?: () => void];

function tensorFrom(op: string, context: Context, source: unknown, o: SourceOptions): Brought {
  const given = Object(source);
  if (typeof given.mapAsync === "function") return [inBuffer(op, context, given, o)];
  if (typeof given.createView === "function") return [inTexture(op, context, given)];
  const tag = Object.prototype.toString.call(source).slice(8, -1);
  if (tag === "ImageData") return [inBytes(op, context, given.data, given)];
  if (/^Uint8(Clamped)?Array$/.test(tag)) return [inBytes(op, context, given, o)];
  if (tag === "GPUExternalTexture") {
    const { width, height } = sizeFrom(op, o);
    return [new TextureTensor(context, given, [1, height, width, 4], IMAGE_EXTERNAL)];
  }
  const size = SIZES[tag]?.(given as never);
  if (!size) {
    const kinds = "a tensor, ImageData, bytes, a canvas, ImageBitmap, VideoFrame, image or video";
    fail(op, `source is ${show(source)}, expected ${kinds}, GPUBuffer or a texture`);
  }
  return copied(op, context, source as HostImage, size);
}

type Size = readonly [width: number, height: number];

/** Images of the host have these sizes. */
const SIZES: Readonly<Record<string, (source: never) => Size>> = {
  ImageBitmap: ({ width, height }: ImageBitmap) => [width, height],
  HTMLCanvasElement: ({ width, height }: HTMLCanvasElement) => [width, height],
  OffscreenCanvas: ({ width, height }: OffscreenCanvas) => [width, height],
  VideoFrame: ({ displayWidth, displayHeight }: VideoFrame) => [displayWidth, displayHeight],
  HTMLImageElement: (image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight],
  HTMLVideoElement: ({ videoWidth, videoHeight }: HTMLVideoElement) => [videoWidth, videoHeight],
};

/** Checks the size of a source that does not know its own. */
function sizeFrom(op: string, { width, height }: SourceOptions) {
  for (const [name, size] of Object.entries({ width, height })) {
    if (!Number.isInteger(size) || Number(size) < 1) {
      fail(op, `${name} ${show(size)}, expected the size of the source in pixels`);
    }
  }
  return { width: width as number, height: height as number };
}

function inBytes(op: string, context: Context, data: unknown, o: SourceOptions): Tensor {
  const { width, height } = sizeFrom(op, o);
  const { length } = Object(data);
  const channels = length / (width * height);
  if (!/^Uint8/.test(Object(data)[Symbol.toStringTag]) || !(channels === 3 || channels === 4)) {
    const bytes = `${3 * width * height} or ${4 * width * height} bytes`;
    fail(op, `source has ${length} values, expected ${bytes} for ${width} x ${height} pixels`);
  }
  return context.tensor(data as Uint8Array, [1, height, width, channels], { dtype: "u8" });
}

function inBuffer(op: string, context: Context, buffer: GPUBuffer, o: SourceOptions): Tensor {
  const { width, height } = sizeFrom(op, o);
  const three = Math.ceil((3 * width * height) / 4) * 4;
  const four = 4 * width * height;
  if (buffer.size < four && buffer.size !== three) {
    const sizes = `${four} bytes of RGBA or ${three} of RGB`;
    fail(op, `source has ${buffer.size} bytes, expected ${sizes} for ${width} x ${height} pixels`);
  }
  const channels = buffer.size < four ? 3 : 4;
  return context.fromBuffer(buffer, { shape: [1, height, width, channels], dtype: "u8" });
}

function inTexture(op: string, context: Context, texture: GPUTexture): Tensor {
  const { format, usage, dimension, sampleCount } = texture;
  const known = [...BYTES, ...FLOATS];
  const expected = (what: string, wanted: unknown) =>
    fail(op, `source ${what}, expected ${wanted}`);
  if (!known.includes(format)) expected(`has format ${format}`, `one of ${known.join(", ")}`);
  if (dimension !== "2d") expected(`has dimension ${dimension}`, "2d");
  if (sampleCount !== 1) expected(`has ${sampleCount} samples a pixel`, 1);
  if (!(usage & TEXTURE_USAGE.binding)) {
    expected(`has usage ${usage}`, `it to include TEXTURE_BINDING (${TEXTURE_USAGE.binding})`);
  }
  const { width, height, depthOrArrayLayers: layers } = texture;
  const view = texture.createView({ dimension: "2d-array", mipLevelCount: 1 });
  const kind = BYTES.includes(format) ? IMAGE_TEXTURE : IMAGE_FLOAT_TEXTURE;
  return new TextureTensor(context, view, [layers, height, width, 4], kind);
}

/** Copies an image of the host to a texture, as the device converts it. */
function copied(op: string, context: Context, source: HostImage, [width, height]: Size): Brought {
  const { device, queue, pool } = context;
  if (!(sizeOf([width, height]) > 0)) {
    const size = `${show(source)} of ${width} x ${height} pixels`;
    fail(op, `source is ${size}, expected one that is loaded, not closed, and has pixels`);
  }
  const most = device.limits.maxTextureDimension2D;
  if (Math.max(width, height) > most) {
    fail(
      op,
      `source has ${width} x ${height} pixels, expected at most ${most} (maxTextureDimension2D)`,
    );
  }
  const { copyDst, binding, target } = TEXTURE_USAGE;
  const texture = queue.check(op, () =>
    device.createTexture({
      label: `webgpu-norm ${op}`,
      size: [width, height],
      format: "rgba8unorm",
      usage: copyDst | binding | target,
    }),
  );
  const end = () => pool.destroyLater(texture);
  const copy = (from: HostImage | OffscreenCanvas) =>
    queue.check(
      op,
      () => {
        device.queue.copyExternalImageToTexture({ source: from }, { texture }, [width, height]);
      },
      undefined,
      ["validation"],
    );
  try {
    try {
      copy(source);
    } catch (cause) {
      if (causeOf(cause).name !== "OperationError") throw cause;
      copy(drawn(source, width, height));
    }
    return [inTexture(op, context, texture), end];
  } catch (cause) {
    end();
    const { name, message } = causeOf(cause);
    if (name !== "SecurityError" && name !== "InvalidStateError") throw cause;
    const given = `${show(source)} that gives no pixels (${message})`;
    return fail(op, `source is ${given}, expected one of this origin, loaded and not closed`);
  }
}

const causeOf = (error: unknown) => Object((error as Error).cause) as Error;

/** Draws a frame that the device cannot copy: some cannot import what the CPU decoded. */
function drawn(source: HostImage, width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(source, 0, 0, width, height);
  return canvas;
}
