// The pictures of the sheet: a canvas for each example and channel. The hue is the set, the lightness
// lies between the value before and after; what does not share with the cell in hand is pale.

import type { Shape4 } from "../base/shape";
import { GREY, pixel } from "./colours";

export interface Tone {
  readonly low: number;
  readonly high: number;
}

interface Painting {
  readonly shape: Shape4;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly before: Tone;
  readonly after: Tone;
  readonly hues: Uint8Array;
  /** The relation of each value to the cell in hand, or undefined. */
  readonly related?: Uint8Array | undefined;
}

/** The tones that 99 of 100 values lie between. */
export function toneOf(values: ArrayLike<number>): Tone {
  const step = Math.max(1, Math.floor(values.length / 5000));
  const sample: number[] = [];
  for (let i = 0; i < values.length; i += step) {
    const value = values[i] as number;
    if (Number.isFinite(value)) sample.push(value);
  }
  sample.sort((a, b) => a - b);
  const at = (share: number) => sample[Math.floor(share * (sample.length - 1))] ?? 0;
  const [low, high] = [at(0.005), at(0.995)];
  return high > low ? { low, high } : { low: low - 1, high: low + 1 };
}

const PALE = 0.32;
const pale = (tone: number, isDark: boolean) => (isDark ? 0.2 : 0.7) + PALE * (tone - 0.5) * 0.7;

export interface Tiles {
  readonly canvases: readonly HTMLCanvasElement[];
  paint(painting: Painting, mix: number, isDark: boolean): void;
}

export function makeTiles([n, c, h, w]: Shape4): Tiles {
  const plane = h * w;
  const all = Array.from({ length: n * c }, () => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: w, height: h });
    const image = new ImageData(w, h);
    return { canvas, image, pixels: new Uint32Array(image.data.buffer) };
  });
  return {
    canvases: all.map(({ canvas }) => canvas),
    paint({ x, y, before, after, hues, related }, mix, isDark) {
      const [ax, bx] = scaleOf(before);
      const [ay, by] = scaleOf(after);
      for (const [tile, { canvas, image, pixels }] of all.entries()) {
        const first = tile * plane;
        for (let k = 0; k < plane; k++) {
          const i = first + k;
          const from = (x[i] as number) * ax + bx;
          const tone = mix === 0 ? from : from + mix * ((y[i] as number) * ay + by - from);
          const relation = related ? related[i] : 1;
          pixels[k] =
            relation === 1
              ? pixel(hues[i] as number, tone)
              : relation === 2
                ? pixel(hues[i] as number, 0.35 + 0.3 * tone)
                : pixel(GREY, pale(tone, isDark));
        }
        canvas.getContext("2d")?.putImageData(image, 0, 0);
      }
    },
  };
}

/** tone = value * scale + shift */
const scaleOf = ({ low, high }: Tone): readonly [number, number] => [
  1 / (high - low),
  -low / (high - low),
];
