// The ten digits are strokes of a pen in the box from -1 to 1, y down.

export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

/** Points of an ellipse, from angle to angle in units of pi. */
function arc(
  [x, y]: Point,
  [width, height]: Point,
  from: number,
  to: number,
  points: number,
): Point[] {
  return Array.from({ length: points }, (_, i) => {
    const angle = (from + ((to - from) * i) / (points - 1)) * Math.PI;
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
}

export const GLYPHS: readonly (readonly Stroke[])[] = [
  [arc([0, 0], [0.58, 0.95], -0.5, 1.5, 12)],
  [
    [
      [-0.35, -0.55],
      [0.08, -0.95],
      [0.08, 0.95],
    ],
  ],
  [[...arc([0, -0.42], [0.55, 0.53], -0.95, 0.2, 7), [-0.6, 0.92], [0.62, 0.92]]],
  [
    [
      ...arc([-0.05, -0.46], [0.5, 0.48], -0.85, 0.5, 7),
      ...arc([-0.05, 0.46], [0.58, 0.48], -0.5, 0.85, 7),
    ],
  ],
  [
    [
      [0.12, -0.95],
      [-0.65, 0.3],
      [0.7, 0.3],
    ],
    [
      [0.28, -0.2],
      [0.28, 0.95],
    ],
  ],
  [
    [
      [0.52, -0.92],
      [-0.42, -0.92],
      [-0.48, -0.1],
      ...arc([-0.02, 0.38], [0.58, 0.55], -0.6, 0.8, 8),
    ],
  ],
  [[[0.42, -0.9], [-0.25, -0.45], ...arc([0, 0.42], [0.55, 0.52], 1, 3, 11)]],
  [
    [
      [-0.6, -0.9],
      [0.6, -0.9],
      [-0.12, 0.95],
    ],
  ],
  [arc([0, -0.47], [0.46, 0.46], 0.5, 2.5, 10), arc([0, 0.47], [0.56, 0.48], -0.5, 1.5, 10)],
  [[...arc([0, -0.4], [0.52, 0.5], 0, 2, 11), [0.45, 0.3], [0.2, 0.95]]],
];
