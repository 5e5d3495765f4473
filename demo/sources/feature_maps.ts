// Eight feature maps of a colour picture, by filters of 3 x 3 as the first layer of a network learns
// them. Neighbours are of one family, so that a group of GroupNorm is a family.

import { SIDE } from "./shapes";

type Weights = readonly [number, number, number];

interface FeatureMap {
  readonly name: string;
  /** The shares of red, green and blue. */
  readonly mix: Weights;
  readonly taps: readonly number[];
}

const SAME = [0, 0, 0, 0, 1, 0, 0, 0, 0];
const BLUR = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((tap) => tap / 16);
const EDGE_X = [-1, 0, 1, -2, 0, 2, -1, 0, 1].map((tap) => tap / 4);
const EDGE_Y = [-1, -2, -1, 0, 0, 0, 1, 2, 1].map((tap) => tap / 4);
const SPOT = [-1, -1, -1, -1, 8, -1, -1, -1, -1].map((tap) => tap / 8);
const BRIGHTNESS: Weights = [0.2126, 0.7152, 0.0722];

export const FEATURE_MAPS: readonly FeatureMap[] = [
  { name: "red", mix: [1, 0, 0], taps: SAME },
  { name: "green", mix: [0, 1, 0], taps: SAME },
  { name: "blue", mix: [0, 0, 1], taps: SAME },
  { name: "blur", mix: BRIGHTNESS, taps: BLUR },
  { name: "edge in x", mix: BRIGHTNESS, taps: EDGE_X },
  { name: "edge in y", mix: BRIGHTNESS, taps: EDGE_Y },
  { name: "spots", mix: BRIGHTNESS, taps: SPOT },
  { name: "red − green", mix: [1, -1, 0], taps: BLUR },
];

/** Appends the maps of one picture, given as RGBA bytes, to `data` from `offset` on. */
export function writeFeatureMaps(
  rgba: ArrayLike<number>,
  data: Float32Array,
  offset: number,
): void {
  const plane = SIDE * SIDE;
  for (const [c, { mix, taps }] of FEATURE_MAPS.entries()) {
    const mixed = Float32Array.from({ length: plane }, (_, i) =>
      mix.reduce((sum, share, k) => sum + (share * (rgba[4 * i + k] as number)) / 255, 0),
    );
    data.set(filtered(mixed, taps), offset + c * plane);
  }
}

function filtered(plane: Float32Array, taps: readonly number[]): Float32Array {
  const clamp = (at: number) => Math.min(SIDE - 1, Math.max(0, at));
  return plane.map((_, i) => {
    const [y, x] = [Math.floor(i / SIDE), i % SIDE];
    return taps.reduce((sum, tap, k) => {
      const [dy, dx] = [Math.floor(k / 3) - 1, (k % 3) - 1];
      return sum + tap * (plane[clamp(y + dy) * SIDE + clamp(x + dx)] as number);
    }, 0);
  });
}
