// The sheet is a canvas that can be pointed at, by mouse, finger or keyboard.

import { cellOf, indexOf, type Shape4 } from "../base/shape";
import {
  drawEdges,
  drawHistograms,
  drawMachines,
  drawMarks,
  drawNames,
  drawOutlines,
  drawPictures,
  type Look,
} from "./drawing";
import {
  type Area,
  gatheredAt,
  normalizedAt,
  type Placement,
  type Scene,
  sceneAt,
  sheetOf,
  spreadAt,
} from "./layout";
import { relatedTo, type SheetModel } from "./model";
import { makeTiles, type Tiles } from "./tiles";

interface View {
  readonly model: SheetModel;
  readonly time: number;
  /** The index of the cell in hand, or -1. */
  readonly cell: number;
  readonly names: { readonly rows: string; readonly columns: string };
}

export interface Sheet {
  readonly canvas: HTMLCanvasElement;
  show(view: View): void;
  /** Where pictures lie when they are spread out, in CSS pixels of the canvas. */
  places(): readonly Placement[];
}

export function createSheet(canvas: HTMLCanvasElement, onCell: (index: number) => void): Sheet {
  let view: View | undefined;
  let tiles: Tiles | undefined;
  let shape: Shape4 | undefined;
  let scene: Scene | undefined;
  let painted = "";
  let related: { model: SheetModel; cell: number; values: Uint8Array } | undefined;
  let pending = 0;

  const area = (): Area => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const narrow = width < 600;
    return { width, height, left: narrow ? 22 : 30, top: narrow ? 26 : 30 };
  };

  function relatedValues({ model, cell }: View): Uint8Array | undefined {
    if (cell < 0) return undefined;
    if (related?.model !== model || related.cell !== cell) {
      const values = relatedTo(model, cellOf(model.input.shape, cell));
      related = { model, cell, values };
    }
    return related.values;
  }

  function draw(): void {
    pending = 0;
    if (!view || canvas.clientWidth === 0) return;
    const { model, time, cell, names } = view;
    const look = lookOf(canvas);
    if (shape !== model.input.shape || !tiles) {
      shape = model.input.shape;
      tiles = makeTiles(shape);
      painted = "";
    }
    const mix = normalizedAt(time);
    const key = `${idOf(model)} ${cell} ${mix} ${look.isDark}`;
    if (key !== painted) {
      const { input, outcome, hues, before, after } = model;
      const values = { shape, x: input.x, y: outcome.y, hues, before, after };
      tiles.paint({ ...values, related: relatedValues(view) }, mix, look.isDark);
      painted = key;
    }
    document.getElementById("first-picture")?.remove(); // it looks the same
    const g = fresh(canvas);
    const room = area();
    scene = sceneAt(time, shape, model.piles, room);
    const { places } = sheetOf(shape, room);
    drawHistograms(g, model, room, time, look);
    drawPictures(g, scene, tiles.canvases);
    drawEdges(g, scene, Math.max(1 - spreadAt(time), gatheredAt(time)), look);
    const picture = cell < 0 ? -1 : Math.floor(cell / (shape[2] * shape[3]));
    drawOutlines(g, places, model, time, picture, look);
    const spread = Math.min(spreadAt(time), 1 - gatheredAt(time));
    if (model.preset.workers && spread === 1) {
      drawMachines(g, places, shape, model.preset.workers, look);
    }
    if (cell >= 0) drawMarks(g, scene, shape, cell, relatedValues(view), look);
    drawNames(g, places, model, time, look, names);
  }

  const redraw = () => {
    if (!pending) pending = requestAnimationFrame(draw);
  };
  new ResizeObserver(redraw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  /** The cell below a point of the canvas, or -1. Pictures on top come first. */
  function cellAt(px: number, py: number): number {
    if (!scene || !shape) return -1;
    for (const i of [...scene.order].reverse()) {
      const { o, u, v } = scene.placements[i] as Placement;
      const area = u[0] * v[1] - u[1] * v[0];
      const [dx, dy] = [px - o[0], py - o[1]];
      const [s, t] = [(dx * v[1] - dy * v[0]) / area, (dy * u[0] - dx * u[1]) / area];
      if (s < 0 || s >= 1 || t < 0 || t >= 1) continue;
      const [, c, h, w] = shape;
      return indexOf(shape, [Math.floor(i / c), i % c, Math.floor(t * h), Math.floor(s * w)]);
    }
    return -1;
  }

  const point = (event: PointerEvent) => onCell(cellAt(event.offsetX, event.offsetY));
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("pointerleave", ({ pointerType }) => {
    if (pointerType === "mouse") onCell(-1);
  });

  return {
    canvas,
    show(next) {
      view = next;
      redraw();
    },
    places: () => (shape ? sheetOf(shape, area()).places : []),
  };
}

const ids = new WeakMap<object, number>();
let lastId = 0;

/** Numbers models, so that their pictures are painted once. */
function idOf(model: object): number {
  const known = ids.get(model);
  if (known !== undefined) return known;
  ids.set(model, ++lastId);
  return lastId;
}

function fresh(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ratio = Math.min(3, devicePixelRatio || 1);
  const { clientWidth, clientHeight } = canvas;
  Object.assign(canvas, { width: clientWidth * ratio, height: clientHeight * ratio });
  const g = canvas.getContext("2d");
  if (!g) throw new Error("no 2D canvas in this browser");
  g.scale(ratio, ratio);
  return g;
}

function lookOf(element: Element): Look {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return { ink: of("--ink"), soft: of("--soft"), hot: of("--hot"), font: of("--sans"), isDark };
}
