// Eight feature maps of a colour picture, by filters of 3 x 3 as the first layer of a network learns
// them. Neighbours are of one family, so that a group of GroupNorm is a family.

type Weights = readonly [number, number, number];

export interface FeatureMap {
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

/** The maps of the station below: faint ones beside bold ones. */
export const FAINT_AND_BOLD: readonly FeatureMap[] = [
  { name: "blur", mix: BRIGHTNESS, taps: BLUR },
  { name: "edge in x", mix: BRIGHTNESS, taps: EDGE_X },
  { name: "edge in y", mix: BRIGHTNESS, taps: EDGE_Y },
  { name: "spots", mix: BRIGHTNESS, taps: SPOT },
  { name: "red − green", mix: [1, -1, 0], taps: BLUR },
  { name: "blue − yellow", mix: [-0.5, -0.5, 1], taps: BLUR },
];

/** Writes maps of one square picture, given as RGBA bytes, to `data` from `offset` on. */
export function writeFeatureMaps(
  rgba: ArrayLike<number>,
  maps: readonly FeatureMap[],
  data: Float32Array,
  offset: number,
): void {
  const plane = rgba.length / 4;
  for (const [c, { mix, taps }] of maps.entries()) {
    const mixed = Float32Array.from({ length: plane }, (_, i) =>
      mix.reduce((sum, share, k) => sum + (share * (rgba[4 * i + k] as number)) / 255, 0),
    );
    data.set(filtered(mixed, taps), offset + c * plane);
  }
}

/** The edge of the picture goes on beyond it. */
function filtered(plane: Float32Array, taps: readonly number[]): Float32Array {
  const side = Math.sqrt(plane.length);
  const clamp = (at: number) => Math.min(side - 1, Math.max(0, at));
  return plane.map((_, i) => {
    const [y, x] = [Math.floor(i / side), i % side];
    return taps.reduce((sum, tap, k) => {
      const [dy, dx] = [Math.floor(k / 3) - 1, (k % 3) - 1];
      return sum + tap * (plane[clamp(y + dy) * side + clamp(x + dx)] as number);
    }, 0);
  });
}
