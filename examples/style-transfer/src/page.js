// The page draws every photograph in the style of every other one.

import { createContext } from "webgpu-norm";
import { between, styleOf, tensorOf, transfer } from "./transfer.js";

const NAMES = ["astronaut", "cat", "coffee", "galaxies", "retina", "rocket"];
const SIZE = 128;

const found = (/** @type {string} */ query) =>
  /** @type {HTMLElement} */ (document.querySelector(query));
const state = found("#state");
const slider = /** @type {HTMLInputElement} */ (found("#strength"));

/** @param {string} name */
async function load(name) {
  const url = new URL(`../photographs/${name}.webp`, import.meta.url);
  const blob = await (await fetch(url)).blob();
  return createImageBitmap(blob, { resizeWidth: SIZE, resizeHeight: SIZE, resizeQuality: "high" });
}

/** Draws [1, 3, SIZE, SIZE], of values around 0 to 1. @param {HTMLCanvasElement} canvas @param {Float32Array} y */
function draw(canvas, y) {
  const pixels = new ImageData(SIZE, SIZE);
  const { length } = y;
  for (let i = 0; i < length / 3; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = 255 * (y[i + (c * length) / 3] ?? 0);
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

/** @returns {HTMLCanvasElement[][]} a row a photograph */
function table() {
  const body = found("table");
  const head = document.createElement("tr");
  head.append(cell("td", ""), ...NAMES.map((name) => cell("th", `as ${name}`)));
  body.append(head);
  return NAMES.map((name) => {
    const row = document.createElement("tr");
    const canvases = NAMES.map((style) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${name} in the style of ${style}`);
      return canvas;
    });
    row.append(cell("th", name), ...canvases.map((canvas) => cell("td", canvas)));
    body.append(row);
    return canvases;
  });
}

/** @param {"th" | "td"} kind @param {string | HTMLElement} content */
function cell(kind, content) {
  const made = document.createElement(kind);
  made.append(content);
  return made;
}

try {
  const context = await createContext();
  const bitmaps = await Promise.all(NAMES.map(load));
  const images = bitmaps.map((bitmap) => tensorOf(context, bitmap));
  const styles = await Promise.all(images.map(styleOf));
  const canvases = table();
  const drawAll = async () => {
    const strength = Number(slider.value);
    const start = performance.now();
    await Promise.all(
      images.flatMap((image, row) =>
        styles.map(async (style, column) => {
          const y = transfer(context, image, between(styles[row] ?? style, style, strength));
          const canvas = canvases[row]?.[column];
          if (canvas) draw(canvas, await y.read());
          y.destroy();
        }),
      ),
    );
    const ms = (performance.now() - start).toFixed(0);
    state.textContent = `36 pictures in ${ms} ms on ${context.profile.name}`;
  };
  slider.addEventListener("input", drawAll);
  await drawAll();
  Object.assign(globalThis, { context, bitmaps, images, styles, transfer });
  document.body.dataset.done = "true";
} catch (error) {
  state.textContent = /** @type {Error} */ (error).message;
}
