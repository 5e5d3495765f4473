// Line charts as SVG: axes with few marks, and a name at the end of each line.

import { svg } from "../base/dom";
import { cssColour } from "../sheet/colours";

export interface Line {
  readonly name: string;
  /** The number of its colour. */
  readonly colour: number;
  readonly points: readonly (readonly [number, number])[];
  readonly isThin?: boolean;
}

export interface Dot {
  readonly at: readonly [number, number];
  readonly colour: number;
}

export interface Axis {
  readonly label: string;
  readonly marks: readonly number[];
  /** Marks have equal distances from one doubling to the next. */
  readonly isLog?: boolean;
}

const [WIDTH, HEIGHT] = [460, 300];
const ROOM = { left: 44, right: 110, top: 14, bottom: 36 };

export interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function scalesOf(x: Axis, y: Axis): Scales {
  const scale = ({ marks, isLog }: Axis, from: number, to: number) => {
    const of = (value: number) => (isLog ? Math.log2(value) : value);
    const [first, last] = [of(marks[0] as number), of(marks.at(-1) as number)];
    return (value: number) => from + ((of(value) - first) / (last - first)) * (to - from);
  };
  return {
    x: scale(x, ROOM.left, WIDTH - ROOM.right),
    y: scale(y, HEIGHT - ROOM.bottom, ROOM.top),
  };
}

/** Makes a chart with its axes; what it shows is told by `label`. */
export function chartOf(x: Axis, y: Axis): { root: SVGElement; body: SVGElement; scales: Scales } {
  const scales = scalesOf(x, y);
  const body = svg("g");
  const [right, bottom] = [WIDTH - ROOM.right, HEIGHT - ROOM.bottom];
  const root = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": y.label },
    ...y.marks.flatMap((mark) => [
      svg("line", {
        x1: ROOM.left,
        x2: right,
        y1: scales.y(mark),
        y2: scales.y(mark),
        class: "grid",
      }),
      svg("text", { x: ROOM.left - 6, y: scales.y(mark) + 4, class: "end" }, String(mark)),
    ]),
    ...x.marks.map((mark) =>
      svg("text", { x: scales.x(mark), y: bottom + 16, class: "middle" }, String(mark)),
    ),
    svg("text", { x: (ROOM.left + right) / 2, y: HEIGHT - 4, class: "middle" }, x.label),
    svg("text", { x: ROOM.left, y: 10 }, y.label),
    body,
  );
  return { root, body, scales };
}

export function drawLines(body: SVGElement, { x, y }: Scales, lines: readonly Line[]): void {
  const ends = spacedOut(
    lines.filter(({ isThin }) => !isThin).map(({ points }) => y(points.at(-1)?.[1] ?? 0)),
  );
  let named = 0;
  body.replaceChildren(
    ...lines.flatMap(({ name, colour, points, isThin }) => {
      if (points.length === 0) return [];
      const path = points.map(
        ([a, b], i) => `${i ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`,
      );
      const stroke = cssColour(colour);
      const line = svg("path", { d: path.join(""), class: "line", stroke });
      if (isThin) {
        line.classList.add("thin");
        return [line];
      }
      const [last] = points.at(-1) as readonly [number, number];
      const label = svg("text", { x: x(last) + 6, y: (ends[named++] as number) + 4 }, name);
      return [line, label];
    }),
  );
}

/** Moves labels apart that would cover each other. */
function spacedOut(places: readonly number[]): number[] {
  const order = places
    .map((_, i) => i)
    .sort((a, b) => (places[a] as number) - (places[b] as number));
  const moved = [...places];
  let last = -Infinity;
  for (const i of order) {
    last = Math.max(moved[i] as number, last + 13);
    moved[i] = last;
  }
  return moved;
}

export function drawDots(body: SVGElement, { x, y }: Scales, dots: readonly Dot[]): void {
  body.replaceChildren(
    ...dots.map(({ at: [a, b], colour }) =>
      svg("circle", { cx: x(a), cy: y(b), r: 5, fill: cssColour(colour), class: "dot" }),
    ),
  );
}
