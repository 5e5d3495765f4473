// Where each picture of the sheet is at a time: in the block, spread out, on the pile of its set, and
// back. All four are affine, so what lies between is their mixture.

import type { Shape4 } from "../base/shape";

/** An image of unit size is drawn with its axes along u and v, from the origin o. */
export interface Placement {
  readonly o: Point;
  readonly u: Point;
  readonly v: Point;
}
type Point = readonly [number, number];

export interface Scene {
  readonly placements: readonly Placement[];
  /** The order of drawing. */
  readonly order: readonly number[];
  /** The side of a picture that lies on the sheet. */
  readonly side: number;
}

export interface Piles {
  readonly count: number;
  /** The pile of each picture. */
  readonly of: readonly number[];
}

export interface Area {
  readonly width: number;
  readonly height: number;
  /** Room at the left and at the top, for what is written there. */
  readonly left: number;
  readonly top: number;
}

const GAP = 4;
/** Rows of one example have room for the names of channels. */
const NAMES = 26;
/** The pictures of one example lie in two rows, unless there are this few or the sheet is that wide. */
const ONE_ROW = 4;
const ease = (t: number) => (t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t));
const mix = (a: number, b: number, t: number) => a + (b - a) * t;
const mixPoint = (a: Point, b: Point, t: number): Point => [mix(a[0], b[0], t), mix(a[1], b[1], t)];
const mixPlacement = (a: Placement, b: Placement, t: number): Placement => ({
  o: mixPoint(a.o, b.o, t),
  u: mixPoint(a.u, b.u, t),
  v: mixPoint(a.v, b.v, t),
});

/** How far values are centred and scaled at a time. */
export const normalizedAt = (time: number): number => ease(time - 2);
/** How far pictures are gathered at a time. */
export const gatheredAt = (time: number): number => Math.min(ease(time - 1), 1 - ease(time - 3));
export const spreadAt = (time: number): number => ease(time);

/** Rows and columns of the pictures: examples and channels, or a grid where there is one channel. */
function gridOf([n, c]: Shape4, { width, height }: Area): readonly [number, number] {
  if (n === 1 && c > ONE_ROW && width < height * ONE_ROW) return [2, c / 2];
  if (c > 1) return [n, c];
  const columns = width > height * 1.2 ? 2 : 1;
  return [Math.ceil(n / columns), columns];
}

/** A picture is at most as wide as high pixels are; tokens are wider. */
export function sheetOf(shape: Shape4, area: Area): { places: Placement[]; side: number } {
  const [n, c, h, w] = shape;
  const [rows, columns] = gridOf(shape, area);
  const aspect = Math.min(2, w / h);
  const gap = n === 1 ? NAMES : GAP;
  const [width, height] = [area.width - area.left, area.height - area.top];
  const tall = Math.min((width / columns - GAP) / aspect, height / rows - gap);
  const wide = tall * aspect;
  const left = area.left + (width - columns * (wide + GAP) + GAP) / 2;
  const top = area.top + (height - rows * (tall + gap) + gap) / 2;
  const places = Array.from({ length: n * c }, (_, i): Placement => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return {
      o: [left + column * (wide + GAP), top + row * (tall + gap)],
      u: [wide, 0],
      v: [0, tall],
    };
  });
  return { places, side: tall };
}

/** The block is seen from the side: examples lie behind one another, channels beside. */
function blockOf([n, c]: Shape4, area: Area): Placement[] {
  const u: Point = [0.86, -0.24];
  const v: Point = [0, 1];
  const origin = (i: number): Point => {
    const [example, channel] = [Math.floor(i / c), i % c];
    return [channel * 0.34 + example * 0.62, channel * -0.3 + example * 0.22];
  };
  const all = Array.from({ length: n * c }, (_, i) => origin(i));
  const corners = all.flatMap(([x, y]): Point[] => [
    [x, y + u[1]],
    [x + u[0], y + v[1]],
  ]);
  const [left, right] = extent(corners.map(([x]) => x));
  const [top, bottom] = extent(corners.map(([, y]) => y));
  const scale = 0.94 * Math.min(area.width / (right - left), area.height / (bottom - top));
  const shift: Point = [
    (area.width - scale * (right + left)) / 2,
    (area.height - scale * (bottom + top)) / 2,
  ];
  const by = ([x, y]: Point): Point => [scale * x, scale * y];
  return all.map(([x, y]) => ({
    o: [shift[0] + scale * x, shift[1] + scale * y],
    u: by(u),
    v: by(v),
  }));
}

const extent = (values: readonly number[]): Point => [Math.min(...values), Math.max(...values)];

export interface PileGrid {
  readonly columns: number;
  readonly rows: number;
}

/** Piles lie in a grid whose cells are about square. */
export function pileGrid(count: number, { width, height }: Area): PileGrid {
  let best = { columns: 1, rows: count };
  const sideOf = (g: PileGrid) => Math.min(width / g.columns, (height / g.rows) * 0.8);
  for (let columns = 1; columns <= count; columns++) {
    const grid = { columns, rows: Math.ceil(count / columns) };
    if (sideOf(grid) > sideOf(best) * 1.01) best = grid;
  }
  return best;
}

/** Where a pile has its cell: x, y, width, height. */
export function pileCell(pile: number, grid: PileGrid, area: Area) {
  const [width, height] = [area.width / grid.columns, area.height / grid.rows];
  return {
    x: (pile % grid.columns) * width,
    y: Math.floor(pile / grid.columns) * height,
    ...{ width, height },
  };
}

/** The part of a pile's cell that its pictures have; below is its histogram. */
const PICTURES = 0.62;

function pilesOf(shape: Shape4, piles: Piles, area: Area): Placement[] {
  const grid = pileGrid(piles.count, area);
  const sizes = new Array<number>(piles.count).fill(0);
  const ranks = piles.of.map((pile) => {
    const rank = sizes[pile] as number;
    sizes[pile] = rank + 1;
    return rank;
  });
  const aspect = Math.min(2, shape[3] / shape[2]);
  return piles.of.map((pile, i) => {
    const cell = pileCell(pile, grid, area);
    const depth = Math.max(1, (sizes[pile] as number) - 1);
    const room = Math.min((cell.width * 0.8) / aspect, cell.height * PICTURES);
    const step = Math.min(0.12, 0.45 / depth);
    const tall = room / (1 + step * depth);
    const wide = tall * aspect;
    const rank = ranks[i] as number;
    const left = cell.x + (cell.width - wide - step * depth * tall) / 2;
    const top = cell.y + cell.height * 0.06 + step * depth * tall * 0.7;
    return {
      o: [left + rank * step * tall, top - rank * step * tall * 0.7],
      u: [wide, 0],
      v: [0, tall],
    };
  });
}

/** Places all pictures at a time of 0 to 4. */
export function sceneAt(time: number, shape: Shape4, piles: Piles, area: Area): Scene {
  const block = blockOf(shape, area);
  const { places: sheet, side } = sheetOf(shape, area);
  const pile = pilesOf(shape, piles, area);
  const [spread, gathered] = [spreadAt(time), gatheredAt(time)];
  const placements = block.map((from, i) => {
    const flat = mixPlacement(from, sheet[i] as Placement, spread);
    return gathered === 0 ? flat : mixPlacement(flat, pile[i] as Placement, gathered);
  });
  const [, c] = shape;
  const indices = placements.map((_, i) => i);
  const depth = (i: number) => (time < 1 ? Math.floor(i / c) * c + (c - (i % c)) : -i);
  return { placements, side, order: indices.sort((a, b) => depth(a) - depth(b)) };
}
