// This file draws the picture of the GroupNorm paper (Wu and He 2018, figure 2): the tensor as a
// cube of N x C x (H, W), seen from the corner of the first example and channel, with one set of
// shared statistics coloured.

import { html, svg } from "./dom";
import { whole } from "./settings";
import {
  countSets,
  type Extent,
  extentOf,
  NORM_IDS,
  SHARING,
  type Shape4,
  type Sharing,
  sameNote,
  sizeOf,
} from "./shapes";

type Point = readonly [x: number, y: number];

const SIDE = 100;
const ROWS = 4; // of H x W, which belongs together in every norm
const LEAN = Math.cos(Math.PI / 6);

/** n, c and hw from 0 to 1, from the corner nearest to the eye. */
const project = (n: number, c: number, hw: number): Point => [
  (c - n) * LEAN * SIDE,
  -(n + c) * SIDE * 0.5 - hw * SIDE,
];

type Face = "left" | "right" | "top";
type FaceMap = (u: number, v: number) => Point;

const FACES: Readonly<Record<Face, FaceMap>> = {
  left: (n, hw) => project(n, 0, hw),
  right: (c, hw) => project(0, c, hw),
  top: (n, c) => project(n, c, 1),
};

const text = (points: readonly Point[]) =>
  points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`);

function patch(face: FaceMap, u: number, v: number, name: string): SVGElement {
  const points = text([face(0, 0), face(u, 0), face(u, v), face(0, v)]).join(" ");
  return svg("polygon", { points, class: name });
}

/** Lines across one direction of a face; those between two sets are marked. */
function grid(face: FaceMap, along: "u" | "v", count: number, perSet: number): SVGElement[] {
  const thin: string[] = [];
  const thick: string[] = [];
  for (let i = 0; i <= count; i++) {
    const t = i / count;
    const [a, b] = text(along === "u" ? [face(t, 0), face(t, 1)] : [face(0, t), face(1, t)]);
    (i % perSet === 0 ? thick : thin).push(`M${a}L${b}`);
  }
  return [
    svg("path", { d: thin.join(""), class: "cell" }),
    svg("path", { d: thick.join(""), class: "border" }),
  ];
}

function label(at: Point, anchor: string, content: string): SVGElement {
  return svg("text", { x: at[0].toFixed(1), y: at[1].toFixed(1), "text-anchor": anchor }, content);
}

function cube([n, c]: Shape4, extent: Extent, description: string): SVGSVGElement {
  const { left, right, top } = FACES;
  const u = extent.examples / n;
  const v = extent.channels / c;
  const lines = (face: FaceMap, along: "u" | "v", axis: "n" | "c" | "hw") => {
    if (axis === "hw") return grid(face, along, ROWS, ROWS);
    return axis === "n"
      ? grid(face, along, n, extent.examples)
      : grid(face, along, c, extent.channels);
  };
  return svg(
    "svg",
    { viewBox: "-106 -203 202 212", role: "img", "aria-label": description, class: "cube" },
    svg("title", {}, description),
    ...[left, right, top].map((face) => patch(face, 1, 1, "face")),
    patch(left, u, 1, "shared left"),
    patch(right, v, 1, "shared right"),
    patch(top, u, v, "shared top"),
    ...lines(left, "u", "n"),
    ...lines(left, "v", "hw"),
    ...lines(right, "u", "c"),
    ...lines(right, "v", "hw"),
    ...lines(top, "u", "n"),
    ...lines(top, "v", "c"),
    label([-48, 2], "end", `N = ${n}`),
    label([48, 2], "start", `C = ${c}`),
    svg("text", { transform: "translate(-93 -100) rotate(-90)", "text-anchor": "middle" }, "H, W"),
  );
}

/** "3 means, each over 301,056 values" */
function countText(sharing: Sharing, shape: Shape4, groups: number): string {
  const sets = countSets(shape, extentOf(sharing, shape, groups));
  const each = whole(sizeOf(shape) / sets);
  return sets === 1
    ? `1 mean, over all ${each} values`
    : `${whole(sets)} means, each over ${each} values`;
}

/** "one channel of every example" */
function setText({ examples, channels }: Extent, [n, c]: Shape4): string {
  const channelText = channels === 1 ? "one channel" : `${channels} channels`;
  if (examples === n && n > 1) return `${channelText} of all ${n} examples`;
  return channels === c ? "all channels of one example" : `${channelText} of one example`;
}

export function drawCubes(container: HTMLElement, shape: Shape4, groups: number): void {
  const figures = NORM_IDS.map((id) => {
    const sharing = SHARING[id];
    const extent = extentOf(sharing, shape, groups);
    const counts = countText(sharing, shape, groups);
    const alias = sameNote(id, shape, groups);
    const description = `${sharing.label}: ${counts}. Coloured: ${setText(extent, shape)}.`;
    return html(
      "figure",
      { class: "norm-cube" },
      html("h3", {}, sharing.label),
      cube(shape, extent, description),
      html(
        "figcaption",
        {},
        html("span", { class: "axes" }, sharing.axesText),
        html("span", {}, sharing.scope),
        html("span", { class: "counts" }, counts),
        ...(alias ? [html("span", { class: "alias" }, alias)] : []),
      ),
    );
  });
  container.replaceChildren(...figures);
}
