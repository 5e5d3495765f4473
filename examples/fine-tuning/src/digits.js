// Digits of an unsteady hand, in 16 x 16 pixels, endless and without a download: the same seed gives
// the same pictures. The pretrained network knows those of a pen; the other styles are new to it.

export const SIDE = 16;
export const CLASSES = 10;

/** @typedef {"pen" | "side" | "mirror" | "chalk" | "brush"} Style */
/** @typedef {{ images: Float32Array, labels: Uint8Array }} Digits images: [count, 1, SIDE, SIDE], -1 black to 1 white */
/** @typedef {[x: number, y: number]} Point */

/** Strokes of the digits, as points of a grid of 5 columns and 9 rows: "30" is column 3 of row 0. */
const STROKES = [
  ["20 10 02 06 18 28 46 42 30 20"],
  ["02 20 28"],
  ["02 10 30 42 43 08 48"],
  ["01 10 30 42 33 24 34 46 38 18 07"],
  ["30 05 45", "33 38"],
  ["40 00 04 13 33 45 46 38 18 07"],
  ["30 10 03 06 18 38 46 45 34 14 05"],
  ["00 40 18"],
  ["24 13 12 20 32 33 24 05 07 18 38 47 45 24"],
  ["43 35 15 03 02 10 30 42 43 45 28"],
].map((strokes) =>
  strokes.map((stroke) =>
    stroke
      .split(" ")
      .map(([x, y]) => /** @type {Point} */ ([(Number(x) - 2) / 4, Number(y) / 8 - 0.5])),
  ),
);

/** Makes numbers in [0, 1): mulberry32. */
function uniform(/** @type {number} */ seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Where a style has the ink of pixel (x, y), from 0 to SIDE - 1. @type {Record<Style, (x: number, y: number) => Point>} */
const PLACES = {
  pen: (x, y) => [x, y],
  side: (x, y) => [y, SIDE - 1 - x],
  mirror: (x, y) => [SIDE - 1 - x, y],
  chalk: (x, y) => [x, y],
  brush: (x, y) => [x, y],
};

/**
 * Draws digits of random classes.
 *
 * @param {number} seed
 * @param {number} count
 * @param {Style} style
 * @returns {Digits}
 */
export function drawDigits(seed, count, style) {
  const next = uniform(Math.imul(seed, 0x9e3779b1));
  const spread = (/** @type {number} */ width) => (next() + next() - 1) * width;
  const images = new Float32Array(count * SIDE * SIDE);
  const labels = Uint8Array.from({ length: count }, () => CLASSES * next());
  for (const [i, label] of labels.entries()) {
    const strokes = writtenByHand(STROKES[label] ?? [], spread);
    const width = (style === "brush" ? 2.2 : 0.7) + spread(0.35);
    const grain = style === "chalk" ? 0.6 : 0.3;
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const [x, y] = PLACES[style](pixel % SIDE, Math.floor(pixel / SIDE));
      const ink = Math.min(1, Math.max(0, width + 0.5 - distance(strokes, x, y)));
      const tone = (style === "chalk" ? 1 : -1) * (1.6 * ink - 0.8);
      images[i * SIDE * SIDE + pixel] = tone + spread(grain);
    }
  }
  return { images, labels };
}

/** Strokes in pixels: jittered, slanted, turned, scaled, shifted. @param {Point[][]} glyph @param {(width: number) => number} spread @returns {Point[][]} */
function writtenByHand(glyph, spread) {
  const [angle, slant, scale] = [spread(0.3), spread(0.35), 10.5 + spread(2)];
  const [width, left, top] = [0.85 + spread(0.2), spread(2), spread(1.5)];
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const middle = (SIDE - 1) / 2;
  return glyph.map((stroke) =>
    stroke.map(([a, b]) => {
      const x = width * (a + spread(0.12)) - slant * b;
      const y = b + spread(0.08);
      return [middle + left + cos * x - sin * y, middle + top + sin * x + cos * y];
    }),
  );
}

/** The distance of (x, y) from the nearest stroke. @param {Point[][]} strokes @param {number} x @param {number} y */
function distance(strokes, x, y) {
  let nearest = Number.POSITIVE_INFINITY;
  for (const stroke of strokes) {
    for (const [i, [toX, toY]] of stroke.entries()) {
      const [fromX, fromY] = stroke[Math.max(0, i - 1)] ?? [toX, toY];
      const [dx, dy] = [toX - fromX, toY - fromY];
      const along = ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1);
      const t = Math.min(1, Math.max(0, along));
      nearest = Math.min(nearest, Math.hypot(x - fromX - t * dx, y - fromY - t * dy));
    }
  }
  return nearest;
}
