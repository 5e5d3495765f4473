// A pad to draw a digit on, with a mouse, a pen or a finger; its strokes are in its own pixels.

import { html } from "../base/dom";
import type { Stroke } from "../experiment/glyphs";

export interface DrawingPad {
  readonly canvas: HTMLCanvasElement;
  clear(): void;
}

const SIDE = 176;

export function createPad(onStrokes: (strokes: readonly Stroke[]) => void): DrawingPad {
  const canvas = html("canvas", {
    ...{ class: "pad", width: 2 * SIDE, height: 2 * SIDE, role: "img" },
    "aria-label": "A pad: draw a digit with a mouse, a pen or a finger",
  });
  let strokes: [number, number][][] = [];
  let isDown = false;

  const pointOf = ({ offsetX, offsetY }: PointerEvent): [number, number] => [
    (offsetX / canvas.clientWidth) * SIDE,
    (offsetY / canvas.clientHeight) * SIDE,
  ];

  function draw(): void {
    const g = canvas.getContext("2d");
    if (!g) return;
    g.setTransform(2, 0, 0, 2, 0, 0);
    g.clearRect(0, 0, SIDE, SIDE);
    Object.assign(g, { lineWidth: 13, lineCap: "round", lineJoin: "round" });
    g.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of strokes) {
      g.beginPath();
      for (const [x, y] of stroke) g.lineTo(x, y);
      g.stroke();
    }
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    isDown = true;
    strokes.push([pointOf(event)]);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    strokes.at(-1)?.push(pointOf(event));
    draw();
  });
  canvas.addEventListener("pointerup", () => {
    isDown = false;
    onStrokes(strokes);
  });

  return {
    canvas,
    clear() {
      strokes = [];
      draw();
    },
  };
}
