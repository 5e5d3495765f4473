// The tensor of the page has four axes. What the page says of it is the same for all of them.

export type Axis = "N" | "C" | "H" | "W";
export const AXES: readonly Axis[] = ["N", "C", "H", "W"];

/** The lengths of examples, channels, rows and columns. */
export type Shape4 = readonly [number, number, number, number];
/** The position of one value. */
export type Cell = readonly [number, number, number, number];

export const sizeOf = ([n, c, h, w]: Shape4): number => n * c * h * w;

export const indexOf = ([, c, h, w]: Shape4, [n, j, y, x]: Cell): number =>
  ((n * c + j) * h + y) * w + x;

export function cellOf([, c, h, w]: Shape4, index: number): Cell {
  const row = Math.floor(index / w);
  const plane = Math.floor(row / h);
  return [Math.floor(plane / c), plane % c, row % h, index % w];
}

/** Calls `visit` for each cell, in the order of memory. */
export function forEachCell(shape: Shape4, visit: (cell: Cell, index: number) => void): void {
  const [n, c, h, w] = shape;
  let index = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < c; j++)
      for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) visit([i, j, y, x], index++);
}
