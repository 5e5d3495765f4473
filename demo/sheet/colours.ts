// The hue of a cell is its set, its lightness is its value. All hues have one chroma, so that no set
// stands out by itself. OKLCH: Ottosson 2020.

const HUES = 90;
const LEVELS = 128;
const CHROMA = 0.13;
const [DARKEST, BRIGHTEST] = [0.24, 0.93];
/** Neighbouring sets are far apart on the circle. */
const GOLDEN_ANGLE = 137.508;
const FIRST_HUE = 40;

/** Returns the hue of a set, in degrees. */
export const hueOf = (set: number): number => (set * GOLDEN_ANGLE + FIRST_HUE) % 360;

/** As CSS, for outlines and text. */
export const cssColour = (set: number, lightness = 0.62): string =>
  `oklch(${lightness} ${CHROMA} ${hueOf(set).toFixed(1)})`;

type Rgb = readonly [number, number, number];

function fromOklch(lightness: number, chroma: number, degrees: number): Rgb {
  const angle = (degrees * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((v) => {
    const clipped = Math.min(1, Math.max(0, v));
    return 255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055);
  }) as unknown as Rgb;
}

/** Bytes of RGBA, by hue and level; the last row is grey. */
const table = new Uint32Array((HUES + 1) * LEVELS);
const bytes = new Uint8ClampedArray(table.buffer);

for (let hue = 0; hue <= HUES; hue++) {
  for (let level = 0; level < LEVELS; level++) {
    const t = level / (LEVELS - 1);
    // the ends of the range have no room for chroma
    const chroma = hue === HUES ? 0 : CHROMA * Math.min(1, 3.2 * t, 3.2 * (1 - t) + 0.25);
    const rgb = fromOklch(DARKEST + (BRIGHTEST - DARKEST) * t, chroma, (hue * 360) / HUES);
    bytes.set([...rgb, 255], 4 * (hue * LEVELS + level));
  }
}

/** The hue of what shares with nobody. */
export const GREY = HUES;

/** Returns the entry of the table of colours for a hue in degrees. */
export const hueIndex = (degrees: number): number =>
  Math.floor(((((degrees % 360) + 360) % 360) * HUES) / 360);

/** Returns a pixel, as Uint32Array has it, of an entry of hueIndex (or GREY) and a tone of 0 to 1. */
export function pixel(hue: number, tone: number): number {
  const level = tone <= 0 ? 0 : tone >= 1 ? LEVELS - 1 : Math.floor(tone * LEVELS);
  return table[hue * LEVELS + level] as number;
}
