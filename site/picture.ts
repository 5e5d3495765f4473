// Draws who shares a statistic: a tensor [N, C, H, W] as a sheet of small pictures, as the demo has it. One value is
// marked. Its set is in full colour, and all other sets are in pale colours of their own.

import { type Cell, cellOf, forEachCell, indexOf, type Shape4, sizeOf } from "../demo/base/shape";
import { type Preset, partitionOf } from "../demo/norms/presets";
import { sharedSets } from "../demo/norms/sets";
import { hueOf } from "../demo/sheet/colours";
import type { Picture } from "./operations";

const SHAPE: Shape4 = [3, 6, 4, 4];
/** A value whose set is in the middle of the sheet. */
const MARKED: Cell = [1, 2, 1, 2];

const PIXEL = 9;
const GAP = 7;
const LEFT = 20;
const TOP = 20;
const [, COLUMNS, H, W] = SHAPE;
const ROWS = SHAPE[0];
const STEP = W * PIXEL + GAP;

type Kind = "own" | "second" | "other" | "alone" | "masked";

interface Drawn {
  readonly kind: Kind;
  readonly set: number;
}

/** What each cell is to the marked one. */
function drawn(picture: Picture): Drawn[] {
  const preset: Preset = {
    ...{ label: "", operation: "", family: "outside", statistic: "moments" },
    ...picture,
  };
  const sets = sharedSets(SHAPE, preset, partitionOf(preset));
  const relation = sets.relationTo(MARKED);
  const marked = indexOf(SHAPE, MARKED);
  const cells: Drawn[] = [];
  forEachCell(SHAPE, (cell, i) => {
    const set = sets.of(cell);
    cells.push({ kind: i === marked ? "own" : kindOf(cell), set });
  });
  return cells;

  function kindOf(cell: Cell): Kind {
    if (picture.masked?.(...cell)) return "masked";
    const found = relation(cell);
    if (found > 0) return found === 1 ? "own" : "second";
    return sets.disjoint ? "other" : "alone";
  }
}

const attributes = (all: Readonly<Record<string, string | number>>) =>
  Object.entries(all)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join("");

function rectangle([n, c, h, w]: Cell, width: number, height: number, { kind, set }: Drawn) {
  const [x, y] = [LEFT + c * STEP + w * PIXEL, TOP + n * STEP + h * PIXEL];
  const hue =
    kind === "alone" || kind === "masked" ? {} : { style: `--hue:${hueOf(set).toFixed(0)}` };
  return `<rect${attributes({ class: kind, x, y, width: width * PIXEL, height: height * PIXEL, ...hue })}/>`;
}

/** Neighbours of one kind become one rectangle: whole pictures, or parts of their rows. */
function rectangles(cells: readonly Drawn[]): string[] {
  const made: string[] = [];
  const same = (i: number, k: number) =>
    cells[i]?.kind === cells[k]?.kind && cells[i]?.set === cells[k]?.set;
  const each = H * W;
  for (let tile = 0; tile < cells.length; tile += each) {
    const first = cells[tile] as Drawn;
    if (Array.from({ length: each }, (_, k) => same(tile, tile + k)).every(Boolean)) {
      made.push(rectangle(cellOf(SHAPE, tile), W, H, first));
      continue;
    }
    for (let i = tile; i < tile + each; ) {
      const end = i + W - (i % W);
      let k = i;
      while (k < end && same(i, k)) k++;
      made.push(rectangle(cellOf(SHAPE, i), k - i, 1, cells[i] as Drawn));
      i = k;
    }
  }
  return made;
}

/** A line between the parts that lie on two machines. */
function border({ workers = 1 }: Picture): string {
  if (workers < 2) return "";
  const y = TOP + 2 * STEP - GAP / 2;
  return `<line${attributes({ x1: 4, x2: LEFT + COLUMNS * STEP, y1: y, y2: y })}/>`;
}

/** The picture of an operation as inline SVG, whose colours are those of the page. */
export function pictureOf(picture: Picture): string {
  const cells = drawn(picture);
  const [rows, columns] = picture.words ?? ["examples", "channels"];
  const [width, height] = [LEFT + COLUMNS * STEP, TOP + ROWS * STEP];
  const [n, c, h, w] = MARKED;
  const dot = {
    ...{ cx: LEFT + c * STEP + (w + 0.5) * PIXEL, cy: TOP + n * STEP + (h + 0.5) * PIXEL, r: 2.6 },
  };
  const share = cells.filter(({ kind }) => kind === "own").length;
  return [
    `<svg${attributes({ class: "shared-sets", viewBox: `0 0 ${width} ${height}`, role: "img" })}>`,
    `<title>${columns} from left to right, ${rows} from top to bottom, small squares are the positions. ${picture.about} The marked value shares with ${share - 1} of ${sizeOf(SHAPE) - 1} others.</title>`,
    `<text x="${LEFT}" y="12">${columns} →</text>`,
    `<text x="${-TOP}" y="12" transform="rotate(-90)" text-anchor="end">${rows} →</text>`,
    ...rectangles(cells),
    border(picture),
    `<circle${attributes(dot)}/>`,
    "</svg>",
  ].join("");
}
