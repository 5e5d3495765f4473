// The sheet is drawn here: pictures at their places, outlines of sets, histograms of piles, names of
// axes. It knows no events.

import { cellOf, type Shape4 } from "../base/shape";
import { setsOf } from "../norms/partition";
import { cssColour } from "./colours";
import { histogramOf, RANGE } from "./histogram";
import {
  type Area,
  gatheredAt,
  normalizedAt,
  type Placement,
  pileCell,
  pileGrid,
  type Scene,
  spreadAt,
} from "./layout";
import type { SheetModel } from "./model";

export interface Look {
  readonly ink: string;
  readonly soft: string;
  readonly hot: string;
  readonly font: string;
  readonly isDark: boolean;
}

type Brush = CanvasRenderingContext2D;

export function drawPictures(g: Brush, scene: Scene, tiles: readonly CanvasImageSource[]): void {
  g.imageSmoothingEnabled = false;
  for (const i of scene.order) {
    const { o, u, v } = scene.placements[i] as Placement;
    g.save();
    g.transform(u[0], u[1], v[0], v[1], o[0], o[1]);
    g.drawImage(tiles[i] as CanvasImageSource, 0, 0, 1, 1);
    g.restore();
  }
}

/** Cards in the block and on piles have an edge each, or they would melt together. */
export function drawEdges(g: Brush, scene: Scene, strength: number, look: Look): void {
  if (strength <= 0) return;
  g.save();
  g.globalAlpha = 0.5 * strength;
  g.strokeStyle = look.isDark ? "#000" : "#fff";
  g.lineWidth = 0.8;
  for (const i of scene.order) {
    const { o, u, v } = scene.placements[i] as Placement;
    g.beginPath();
    g.moveTo(o[0], o[1]);
    g.lineTo(o[0] + u[0], o[1] + u[1]);
    g.lineTo(o[0] + u[0] + v[0], o[1] + u[1] + v[1]);
    g.lineTo(o[0] + v[0], o[1] + v[1]);
    g.closePath();
    g.stroke();
  }
  g.restore();
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The box around the pictures of each pile, where they lie on the sheet. */
function pileBoxes(places: readonly Placement[], model: SheetModel): Box[] {
  const boxes: [number, number, number, number][] = [];
  for (const [i, { o, u, v }] of places.entries()) {
    const pile = model.piles.of[i] as number;
    const [left, top] = [o[0], o[1]];
    const [right, bottom] = [left + u[0], top + v[1]];
    const box = boxes[pile] ?? [left, top, right, bottom];
    boxes[pile] = [
      Math.min(box[0], left),
      Math.min(box[1], top),
      Math.max(box[2], right),
      Math.max(box[3], bottom),
    ];
  }
  return boxes.map(([x, y, right, bottom]) => ({ x, y, width: right - x, height: bottom - y }));
}

/** Outlines go around sets on the sheet; that of the set in hand is strong. */
export function drawOutlines(
  g: Brush,
  places: readonly Placement[],
  model: SheetModel,
  time: number,
  inHand: number,
  look: Look,
): void {
  const strength = (spreadAt(time) - gatheredAt(time)) * (time < 1 ? Math.max(0, 2 * time - 1) : 1);
  if (!model.shared.disjoint || strength <= 0) return;
  g.save();
  g.globalAlpha = strength;
  if (!model.wholePictures) g.setLineDash([3, 3]);
  for (const [pile, { x, y, width, height }] of pileBoxes(places, model).entries()) {
    const strong = inHand >= 0 && model.piles.of[inHand] === pile;
    g.strokeStyle = strong ? look.ink : cssColour(pile);
    g.lineWidth = strong ? 3 : 1.5;
    g.strokeRect(x - 2, y - 2, width + 4, height + 4);
  }
  g.restore();
}

/** Marks are rings, at least this wide, around single values. */
const MARK = 9;
const MOST_MARKS = 64;

/** Marks the cell in hand, and those that share with it where they are few. */
export function drawMarks(
  g: Brush,
  scene: Scene,
  shape: Shape4,
  inHand: number,
  related: Uint8Array | undefined,
  look: Look,
): void {
  const sharing: number[] = [];
  for (let i = 0; related && i < related.length && sharing.length <= MOST_MARKS; i++) {
    if (related[i] === 1) sharing.push(i);
  }
  const marked = sharing.length <= MOST_MARKS ? sharing : [];
  for (const index of [...marked, inHand]) {
    const [n, c, y, x] = cellOf(shape, index);
    const { o, u, v } = scene.placements[n * shape[1] + c] as Placement;
    const [s, t] = [(x + 0.5) / shape[3], (y + 0.5) / shape[2]];
    const side = Math.max(MARK, u[0] / shape[3]);
    const [left, top] = [
      o[0] + s * u[0] + t * v[0] - side / 2,
      o[1] + s * u[1] + t * v[1] - side / 2,
    ];
    g.lineWidth = 3;
    g.strokeStyle = look.isDark ? "#000" : "#fff";
    g.strokeRect(left, top, side, side);
    g.lineWidth = 1.5;
    g.strokeStyle = index === inHand ? look.hot : look.ink;
    g.strokeRect(left, top, side, side);
  }
}

/** Machines of SyncBatchNorm are frames around their part of the batch. */
export function drawMachines(
  g: Brush,
  places: readonly Placement[],
  [n, c]: Shape4,
  machines: number,
  look: Look,
): void {
  const { of } = setsOf([n, 1, 1, 1], { axes: ["N"], groups: 1, split: machines });
  g.save();
  g.setLineDash([7, 5]);
  g.strokeStyle = look.ink;
  g.lineWidth = 1.5;
  for (let machine = 0; machine < machines; machine++) {
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) => of([i, 0, 0, 0]) === machine);
    const first = places[(rows[0] as number) * c] as Placement;
    const last = places[(rows.at(-1) as number) * c + c - 1] as Placement;
    const [x, y] = [first.o[0] - 6, first.o[1] - 1];
    g.strokeRect(x, y, last.o[0] + last.u[0] - x + 6, last.o[1] + last.v[1] - y + 1);
  }
  g.restore();
}

/** Each pile has its histogram below it: the values move to mean 0 and deviation 1. */
export function drawHistograms(
  g: Brush,
  model: SheetModel,
  area: Area,
  time: number,
  look: Look,
): void {
  const strength = gatheredAt(time);
  if (strength <= 0 || !model.shared.disjoint || !model.wholePictures) return;
  const grid = pileGrid(model.piles.count, area);
  const mix = normalizedAt(time);
  g.save();
  g.globalAlpha = strength;
  g.font = `11px ${look.font}`;
  for (const [pile, members] of model.members.entries()) {
    const cell = pileCell(pile, grid, area);
    const width = Math.min(cell.width * 0.84, 190);
    const left = cell.x + (cell.width - width) / 2;
    const height = cell.height * 0.2;
    const bottom = cell.y + cell.height * 0.93;
    const { bins, mean } = histogramOf(members, model.input.x, model.outcome.y, mix);
    g.fillStyle = cssColour(pile);
    const step = width / bins.length;
    for (const [k, share] of bins.entries()) {
      g.fillRect(left + k * step, bottom - share * height, Math.max(1, step - 0.5), share * height);
    }
    const at = (value: number) => left + ((value - RANGE[0]) / (RANGE[1] - RANGE[0])) * width;
    g.fillStyle = look.soft;
    g.fillRect(left, bottom, width, 1);
    g.fillRect(at(0) - 0.5, bottom, 1, 4);
    g.fillStyle = look.ink;
    const clipped = Math.min(left + width, Math.max(left, at(mean)));
    g.fillRect(clipped - 1, bottom - height, 2, height);
  }
  g.restore();
}

/** The names of the axes, and of the channels where there is room. */
export function drawNames(
  g: Brush,
  places: readonly Placement[],
  model: SheetModel,
  time: number,
  look: Look,
  names: { readonly rows: string; readonly columns: string },
): void {
  const strength = Math.min(spreadAt(time), 1 - gatheredAt(time)) ** 4;
  const [first] = places;
  if (strength <= 0.01 || !first) return;
  const [, c] = model.input.shape;
  g.save();
  g.globalAlpha = strength;
  g.fillStyle = look.soft;
  g.font = `12px ${look.font}`;
  const room = first.u[0];
  const top = first.o[1] - 10;
  const labels = c > 1 ? model.input.channels : [];
  const fits = labels.every((label) => g.measureText(label).width <= room);
  if (fits && labels.length > 0) {
    g.textAlign = "center";
    for (const [i, label] of labels.entries()) {
      const { o, u } = places[i] as Placement;
      g.fillText(label, o[0] + u[0] / 2, o[1] - 10);
    }
  } else g.fillText(`${names.columns} →`, first.o[0], top);
  g.textAlign = "right";
  g.translate(first.o[0] - 12, first.o[1]);
  g.rotate(-Math.PI / 2);
  g.fillText(`← ${names.rows}`, 0, 0);
  g.restore();
}
