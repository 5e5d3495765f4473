// This file normalizes images in float64, as transformers.js's image processors do: rescale, normalize
// by channel, pad, and change to the order of axes that is asked for.

import type { NormalizeImageOptions } from "../../src/index";
import type { Values } from "../support/arrays";
import { product } from "../support/arrays";

const PRESETS = {
  imagenet: [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ],
  clip: [
    [0.48145466, 0.4578275, 0.40821073],
    [0.26862954, 0.26130258, 0.27577711],
  ],
  siglip: [
    [0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5],
  ],
} as const;

export interface NormalizedImage extends Values {
  /** The larger of |rescale p / std| and |mean / std|, of each element. */
  readonly sizes: Float64Array;
}

/** source: [N, H, W, 3 | 4] of bytes. */
export function normalizeImage(source: Values, o: NormalizeImageOptions): NormalizedImage {
  const [images, height, width, bytes] = source.shape;
  const { channels = "rgb", layout = "nchw", rescale = 1 / 255 } = o;
  const count = channels === "gray" ? 1 : 3;
  const preset = o.preset && PRESETS[o.preset].map((list) => [...list]);
  for (const list of preset ?? []) if (channels === "bgr") list.reverse();
  const list = (given: number | readonly number[]) =>
    typeof given === "number" ? new Array<number>(count).fill(given) : given;
  const mean = list(o.mean ?? preset?.[0] ?? 0);
  const std = list(o.std ?? preset?.[1] ?? 1);
  const crop = { x: 0, y: 0, width, height, ...o.crop };
  const pad = { width: crop.width, height: crop.height, ...o.pad };
  const padding = o.pad?.value ?? 0;
  const axes = { n: images, c: count, h: pad.height, w: pad.width };
  const order =
    layout === "nchw" ? (["n", "c", "h", "w"] as const) : (["n", "h", "w", "c"] as const);
  const shape = order.map((axis) => axes[axis]);
  const data = new Float64Array(product(shape));
  const sizes = new Float64Array(data.length);
  let i = 0;
  const at = { n: 0, c: 0, h: 0, w: 0 };
  const put = () => {
    const inside = at.h < crop.height && at.w < crop.width;
    data[i] = padding;
    if (inside) {
      const y = crop.y + (o.flip === "vertical" ? crop.height - 1 - at.h : at.h);
      const x = crop.x + (o.flip === "horizontal" ? crop.width - 1 - at.w : at.w);
      const first = ((at.n * height + y) * width + x) * bytes;
      const [r, g, b] = source.data.subarray(first, first + 3);
      const p =
        channels === "gray"
          ? 0.299 * r + 0.587 * g + 0.114 * b
          : [r, g, b][channels === "bgr" ? 2 - at.c : at.c];
      data[i] = (rescale * p - mean[at.c]) / std[at.c];
      sizes[i] = Math.max(Math.abs((rescale * p) / std[at.c]), Math.abs(mean[at.c] / std[at.c]));
    }
    i++;
  };
  const loop = (depth: number) => {
    if (depth === 4) return put();
    const axis = order[depth];
    for (at[axis] = 0; at[axis] < axes[axis]; at[axis]++) loop(depth + 1);
  };
  loop(0);
  return { shape, data, sizes };
}
