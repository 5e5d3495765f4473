// Images become tensors: bytes are normalized by channel in one pass, from wherever they are to where
// a model reads them.

import { checkFloat, type FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import {
  ANY,
  isFloat,
  isPlain,
  NUMBER,
  type OptionKind,
  type OptionTable,
  WHOLE,
} from "../base/options";
import { operation } from "../operation/operation";
import { planImage } from "../plan/image";
import type { Problem } from "../plan/problem";
import type { Call, Definition } from "../runtime/call";
import type { Context } from "../runtime/context";
import { type ArraySpec, bindingLayoutOf, Tensor } from "../runtime/tensor";
import { NO_ACTIVATION } from "../wgsl/activations";
import { IMAGE } from "../wgsl/statistics";
import { checkTarget, dtypeOf, specOf } from "./shared/checks";
import { type ImageSource, TextureTensor, withImage } from "./shared/image_source";

/** A part of an image has its left upper corner and its size, in pixels. */
interface ImageCrop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A padding has the size of the padded image, in pixels, and the value to the right and below. */
interface ImagePadding {
  readonly width: number;
  readonly height: number;
  readonly value?: number | undefined;
}

/** Usual pairs of mean and std, for RGB. */
const PRESETS = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  clip: {
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  },
  siglip: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
} as const;

export interface NormalizeImageOptions {
  /** The mean is a number, or one for each channel of the result. Default 0, or the preset's. */
  mean?: number | readonly number[] | undefined;
  /** The deviation is a number, or one for each channel of the result. Default 1, or the preset's. */
  std?: number | readonly number[] | undefined;
  /** The preset has the mean and std of a family of models. */
  preset?: keyof typeof PRESETS | undefined;
  /** Bytes are multiplied by this first. Default 1 / 255. */
  rescale?: number | undefined;
  /**
   * The channels of the result. "gray" is 0.299 R + 0.587 G + 0.114 B, not rounded. Default "rgb".
   */
  channels?: "rgb" | "bgr" | "gray" | undefined;
  /** The axes of the result: [N, C, H, W] or [N, H, W, C]. Default "nchw". */
  layout?: "nchw" | "nhwc" | undefined;
  /** The dtype is the storage type of the result. Default: as `out`, or else "f32". */
  dtype?: FloatDType | undefined;
  /** This part of the image is normalized. Default: all of it. */
  crop?: ImageCrop | undefined;
  /** The result is the mirror image, its columns or its rows in reverse. */
  flip?: "horizontal" | "vertical" | undefined;
  /** The result has this size, with `value` (0) to the right of the normalized image and below. */
  pad?: ImagePadding | undefined;
  /** This tensor receives the result, whose shape it has. */
  out?: Tensor | true | undefined;
  /** The context is that of the result. A tensor brings its own. */
  context?: Context | undefined;
  /** The width is that of a source that does not know its own, in pixels. */
  width?: number | undefined;
  /** The height is that of a source that does not know its own, in pixels. */
  height?: number | undefined;
}

const oneOf = (...names: readonly string[]): OptionKind => {
  return (value) => !names.includes(value as string) && `one of ${names.join(", ")}`;
};

const OBJECT: OptionKind = (value) => !isPlain(value) && "an object";

const OPTIONS: OptionTable<NormalizeImageOptions> = {
  mean: ANY,
  std: ANY,
  preset: /* @__PURE__ */ oneOf("imagenet", "clip", "siglip"),
  rescale: NUMBER,
  channels: /* @__PURE__ */ oneOf("rgb", "bgr", "gray"),
  layout: /* @__PURE__ */ oneOf("nchw", "nhwc"),
  dtype: ANY,
  crop: OBJECT,
  flip: /* @__PURE__ */ oneOf("horizontal", "vertical"),
  pad: OBJECT,
  out: ANY,
  context: ANY,
  width: WHOLE,
  height: WHOLE,
};

const OP = "normalizeImage";

/** The luma of ITU-R BT.601. */
const GRAY = [0.299, 0.587, 0.114];

/** Returns the factors of red, green and blue in each channel of the result. */
const MIXES = {
  rgb: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  bgr: [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
  gray: [GRAY],
} as const;

function numbersFor(name: "mean" | "std", o: NormalizeImageOptions, channels: number): number[] {
  const usual = name === "mean" ? 0 : 1;
  const { preset } = o;
  const own = preset && PRESETS[preset][name];
  const given = o[name] ?? (own && (o.channels === "bgr" ? own.toReversed() : own)) ?? usual;
  const list = typeof given === "number" ? new Array<number>(channels).fill(given) : given;
  const valid = Array.isArray(list) && list.length === channels && list.every(isFloat);
  if (!valid) {
    const from = o[name] === undefined ? ` of preset ${preset}` : "";
    fail(OP, `${name} ${show(given)}${from}, expected a number or ${channels} of them`);
  }
  if (name === "std" && list.includes(0)) fail(OP, `std ${show(given)}, expected none of 0`);
  return [...list];
}

/** Returns the factors and summands of the channels: (rescale p - mean) / std = p gain + summand. */
function mixesOf(o: NormalizeImageOptions) {
  const mixes = MIXES[o.channels ?? "rgb"];
  const { rescale = 1 / 255 } = o;
  const [mean, std] = [numbersFor("mean", o, mixes.length), numbersFor("std", o, mixes.length)];
  const entries = mixes.flatMap((mix, c) => {
    const deviation = std[c] as number;
    const [red, green, blue] = mix.map((factor) => (factor * rescale) / deviation);
    const summand = -(mean[c] as number) / deviation;
    return Object.entries({ red, green, blue, summand }).map(([name, v]) => [`${name}${c}`, v]);
  });
  return { channels: mixes.length, uniforms: Object.fromEntries(entries) };
}

const isSize = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;

function checkCrop(given: unknown, width: number, height: number): ImageCrop {
  const all = { x: 0, y: 0, width, height };
  const crop: ImageCrop = { ...all, ...(given as object | undefined) };
  const corner = [crop.x, crop.y].every((at) => Number.isInteger(at) && at >= 0);
  const sizes = isSize(crop.width) && isSize(crop.height);
  const inside = crop.x + crop.width <= width && crop.y + crop.height <= height;
  if (!corner || !sizes || !inside || Object.keys(crop).length > 4) {
    const part = `{ x, y, width, height } within ${width} x ${height} pixels`;
    fail(OP, `crop ${JSON.stringify(given)}, expected ${part}`);
  }
  return crop;
}

function checkPadding(given: unknown, { width, height }: ImageCrop): Required<ImagePadding> {
  const pad = { width, height, value: 0, ...(given as object | undefined) };
  const sizes = isSize(pad.width) && isSize(pad.height);
  const larger = pad.width >= width && pad.height >= height;
  if (!sizes || !larger || !isFloat(pad.value) || Object.keys(pad).length > 3) {
    const least = `{ width, height, value } of at least ${width} x ${height} pixels`;
    fail(OP, `pad ${JSON.stringify(given)}, expected ${least}`);
  }
  return pad;
}

/** Returns the strides of a result by image, row, column and channel. */
const inImageOrder = ([n = 0, a = 0, b = 0, c = 0]: readonly number[], planes: boolean) =>
  planes ? [n, b, c, a] : [n, a, b, c];

function imageCall(source: ArraySpec, o: NormalizeImageOptions): Call<Tensor> {
  if (source.dtype !== "u8") fail(OP, `source has dtype ${source.dtype}, expected u8`);
  const [images = 0, height = 0, width = 0, bytes = 0] = source.shape;
  if (source.shape.length !== 4 || !(bytes === 3 || bytes === 4) || width * height === 0) {
    const expected = "[N, H, W, 3] or [N, H, W, 4] of at least one pixel";
    fail(OP, `source has shape ${show(source.shape)}, expected ${expected}`);
  }
  for (const [name, own] of Object.entries({ width, height })) {
    const given = o[name as "width" | "height"];
    if (given !== undefined && given !== own)
      fail(OP, `${name} ${given}, expected the source's ${own}`);
  }
  const crop = checkCrop(o.crop, width, height);
  const pad = checkPadding(o.pad, crop);
  const { channels, uniforms } = mixesOf(o);
  const planes = o.layout !== "nhwc";
  const [rows, columns] = [pad.height, pad.width];
  const shape = planes ? [images, channels, rows, columns] : [images, rows, columns, channels];
  const dtype = checkFloat(OP, o.dtype ?? dtypeOf(o.out, "f32"));
  const out = checkTarget(OP, o.out, shape, dtype);
  const y = bindingLayoutOf(out ?? specOf(shape, dtype));
  const [mirrored, reversed] = [o.flip === "horizontal", o.flip === "vertical"];
  const problem: Problem = {
    op: OP,
    kind: source instanceof TextureTensor ? source.kind : IMAGE,
    shape: [images, rows, columns, channels],
    reduced: [false, false, false, false],
    layouts: {
      x: bindingLayoutOf(source),
      y: { ...y, strides: inImageOrder(y.strides, planes) },
    },
    statisticsLayout: { strides: [0, 0, 0, 0], offset: 0 },
    given: null,
    results: [],
    inPlace: {},
    activation: NO_ACTIVATION,
    uniforms: {
      ...uniforms,
      innerRows: crop.height,
      innerColumns: crop.width,
      sourceRow: crop.y + (reversed ? crop.height - 1 : 0),
      sourceColumn: crop.x + (mirrored ? crop.width - 1 : 0),
      rowStep: reversed ? -1 : 1,
      columnStep: mirrored ? -1 : 1,
      padding: pad.value ?? 0,
    },
    runningUpdate: null,
    gradient: null,
    mask: null,
    gates: null,
  };
  return {
    problem,
    plan: planImage,
    arrays: { source },
    outputs: { y: { shape, dtype, out } },
    statisticsShape: [],
    result: ({ outputs }) => outputs.y as Tensor, // all outputs of a call are there
  };
}

/** In a call the result goes to a tensor, or to a new one. */
type CallOptions = Omit<NormalizeImageOptions, "out"> & { out?: Tensor | undefined };

interface NormalizeImage {
  (source: ImageSource, options?: CallOptions): Tensor;
  readonly definition: Definition<NormalizeImageOptions, Tensor>;
}

function imageOperation(): NormalizeImage {
  const ofTensor = operation({ name: OP, first: "source", options: OPTIONS, define: imageCall });
  const run = (source: ImageSource, options: CallOptions = {}) =>
    source instanceof Tensor
      ? ofTensor(source, options as never) // descriptions are for planning alone
      : withImage(OP, source, options, (tensor) => ofTensor(tensor, options as never));
  return Object.assign(run, { definition: ofTensor.definition });
}

/**
 * Normalizes images by channel: y[n, c, h, w] = (rescale p[n, h, w, c] - mean[c]) / std[c], in one
 * pass from bytes to f32, f16 or bf16.
 *
 * The source is a tensor [N, H, W, 3 | 4] of u8; ImageData; bytes of RGB or RGBA in a Uint8Array or
 * GPUBuffer, with `width` and `height`; a canvas, ImageBitmap, VideoFrame, or element of an image or
 * video; a GPUTexture, whose layers are images; or a GPUExternalTexture, with `width` and `height`.
 * All but tensors need `context`. Alpha is dropped. Colours are those of the bytes; images of the
 * host are converted to sRGB without premultiplied alpha, as copyExternalImageToTexture does.
 *
 * The result is [N, C, H, W] or, with `layout: "nhwc"`, [N, H, W, C]. It differs from the formula by
 * at most 4e-7 of the larger of |rescale p / std| and |mean / std|, and by the rounding to its dtype.
 *
 * Throws NormError for an image without pixels, of another origin, closed, or with other sizes than
 * given, a crop beyond it, a padding within it, a std of 0 and an `out` of another shape. Source:
 * transformers.js's image processors, torchvision's `Normalize`.
 */
export const normalizeImage = /* @__PURE__ */ imageOperation();
