// Images and options to normalize them, at random, and the judgement of a result.

import type { DType, FloatDType, NormalizeImageOptions, Tensor } from "../../src/index";
import { normalizeImage as reference } from "../reference/image";
import { product, type Values } from "./arrays";
import type { Random } from "./random";
import { ofStorage } from "./rounding";

/** Those of a call. */
export type ImageOptions = Omit<NormalizeImageOptions, "out">;

const SIDES = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 31, 33];
/** The promise, of the larger of |rescale p / std| and |mean / std|. */
const ALLOWED = 4e-7;

export function randomImages(random: Random, images: number, bytes: number): Values {
  const shape = [images, random.pick(SIDES), random.pick(SIDES), bytes];
  const data = Float32Array.from({ length: product(shape) }, () => random.below(256));
  return { shape, data };
}

/** Options for images of this size. */
export function randomImageOptions(
  random: Random,
  [, height, width]: readonly number[],
): ImageOptions {
  const channels = random.pick(["rgb", "rgb", "bgr", "gray"] as const);
  const count = channels === "gray" ? 1 : 3;
  const some = (least: number, most: number) =>
    random.chance(0.3)
      ? random.between(least, most)
      : Array.from({ length: count }, () => random.between(least, most));
  const preset = count === 3 && random.chance(0.4);
  const [x, y] = [random.below(width), random.below(height)];
  const crop = { x, y, width: 1 + random.below(width - x), height: 1 + random.below(height - y) };
  const cropped = random.chance(0.5);
  const inner = cropped ? crop : { width, height };
  const pad = {
    width: inner.width + random.pick([0, 1, 3, 4]),
    height: inner.height + random.pick([0, 1, 2]),
    ...(random.chance(0.5) && { value: -1.5 }),
  };
  return {
    channels,
    ...(preset
      ? { preset: random.pick(["imagenet", "clip", "siglip"] as const) }
      : { mean: some(-1, 1), std: some(0.2, 2), rescale: random.pick([1, 1 / 255, 1 / 127.5]) }),
    ...(random.chance(0.5) && { layout: "nhwc" as const }),
    ...(cropped && { crop }),
    ...(random.chance(0.4) && { flip: random.pick(["horizontal", "vertical"] as const) }),
    ...(random.chance(0.4) && { pad }),
    dtype: random.pick<FloatDType>(["f32", "f16", "bf16"]),
  };
}

/** What is wrong with a result, or null. `loss`: what the way of the source may change of a byte. */
export async function judgedImage(
  source: Values,
  options: ImageOptions,
  result: Tensor,
  loss = 0,
): Promise<string | null> {
  const { shape, data, sizes } = reference(source, options);
  const dtype: DType = options.dtype ?? "f32";
  const title = `[${source.shape}] ${JSON.stringify(options)}`;
  if (String(result.shape) !== String(shape)) return `${title}: shape ${result.shape}`;
  if (result.dtype !== dtype) return `${title}: dtype ${result.dtype}`;
  const y = await result.read();
  for (const [i, value] of data.entries()) {
    const own = ALLOWED * sizes[i] + loss;
    const tolerance = own + ofStorage(value, own, dtype);
    if (!(Math.abs(y[i] - value) <= tolerance)) {
      return `${title}: ${y[i]} at ${i}, expected ${value} within ${tolerance}`;
    }
  }
  return null;
}
