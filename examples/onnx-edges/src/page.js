// The page: an image or the webcam becomes a tensor (`normalizeImage`), the tensor one of ONNX Runtime
// (`webgpu-norm/ort`), the model's result pixels.

import * as ort from "onnxruntime-web/webgpu";
import { normalizeImage } from "webgpu-norm";
import { connect } from "webgpu-norm/ort";
import { INNER, modelBytes, SIZE } from "./model.js";

const found = (/** @type {string} */ query) => /** @type {any} */ (document.querySelector(query));
const state = found("#state");
const shown = found("#image").getContext("2d", { willReadFrequently: true });

/** Cuts the middle square, in the model's size. @param {ImageBitmapSource} source */
async function squareOf(source) {
  const whole = await createImageBitmap(source);
  const side = Math.min(whole.width, whole.height);
  const [x, y] = [(whole.width - side) / 2, (whole.height - side) / 2];
  const options = { resizeWidth: SIZE, resizeHeight: SIZE };
  return createImageBitmap(whole, x, y, side, side, options);
}

/** @param {Float32Array} edges */
function draw(edges) {
  const pixels = new ImageData(INNER, INNER);
  for (const [i, edge] of edges.entries()) {
    pixels.data.set([255 * edge, 255 * edge, 255 * edge, 255], 4 * i);
  }
  found("#edges").getContext("2d").putImageData(pixels, 1, 1);
}

try {
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(modelBytes(), {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
  });
  const link = await connect(ort); // its context is on the session's device

  /** @param {ImageBitmapSource} source @returns {Promise<Float32Array>} */
  const edgesOf = async (source) => {
    const image = await squareOf(source);
    shown.drawImage(image, 0, 0);
    const x = link.to(normalizeImage(image, { context: link.context, preset: "imagenet" }));
    const { edges } = await session.run({ x });
    const values = /** @type {Float32Array} */ (await edges?.getData());
    x.dispose();
    edges?.dispose();
    image.close();
    draw(values);
    return values;
  };
  const timed = async (/** @type {ImageBitmapSource} */ source) => {
    const start = performance.now();
    const values = await edgesOf(source);
    state.textContent = `${(performance.now() - start).toFixed(0)} ms on ${link.context.profile.name}`;
    return values;
  };

  found("#file").addEventListener("change", () => timed(found("#file").files[0]));
  found("#webcam").addEventListener("click", async () => {
    const video = document.createElement("video");
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
    await video.play();
    for (;;) {
      await timed(video);
      await new Promise(requestAnimationFrame);
    }
  });
  const url = new URL("../../../demo/photographs/cat.webp", import.meta.url);
  const values = await timed(await (await fetch(url)).blob());
  Object.assign(globalThis, { values });
  document.body.dataset.done = "true";
} catch (error) {
  state.textContent = /** @type {Error} */ (error).message;
}
