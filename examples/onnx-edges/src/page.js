// The page: an image or the webcam becomes a tensor (`normalizeImage`), the tensor one of ONNX Runtime
// (`webgpu-norm/ort`), the model's result pixels.

import * as ort from "onnxruntime-web/webgpu";
import { normalizeImage } from "webgpu-norm";
import { connect } from "webgpu-norm/ort";
import { openCamera } from "./camera.js";
import { INNER, modelBytes, SIZE } from "./model.js";

const found = (/** @type {string} */ query) => /** @type {any} */ (document.querySelector(query));
const state = found("#state");
const shown = found("#image").getContext("2d", { willReadFrequently: true });

/** Cuts the middle square, in the model's size. @param {ImageBitmap | HTMLVideoElement} source */
function squareOf(source) {
  const isVideo = source instanceof HTMLVideoElement;
  const width = isVideo ? source.videoWidth : source.width;
  const height = isVideo ? source.videoHeight : source.height;
  const side = Math.min(width, height);
  const [x, y] = [(width - side) / 2, (height - side) / 2];
  const options = { resizeWidth: SIZE, resizeHeight: SIZE };
  return createImageBitmap(source, x, y, side, side, options);
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

  /** @param {ImageBitmap | HTMLVideoElement} source @returns {Promise<Float32Array>} */
  const edgesOf = async (source) => {
    const image = await squareOf(source);
    shown.drawImage(image, 0, 0);
    const x = link.to(normalizeImage(image, { context: link.context, preset: "imagenet" }));
    image.close();
    try {
      const { edges } = await session.run({ x });
      const values = /** @type {Float32Array} */ (await edges?.getData());
      edges?.dispose();
      draw(values);
      return values;
    } finally {
      x.dispose();
    }
  };
  const timed = async (/** @type {ImageBitmap | HTMLVideoElement} */ source) => {
    const start = performance.now();
    const values = await edgesOf(source);
    state.textContent = `${(performance.now() - start).toFixed(0)} ms on ${link.context.profile.name}`;
    return values;
  };
  const fromFile = async (/** @type {Blob} */ file) => {
    const whole = await createImageBitmap(file);
    return timed(whole).finally(() => whole.close());
  };

  /** A session runs one call at a time: what is asked for next begins when this has ended. */
  let last = Promise.resolve();
  const next = (/** @type {() => Promise<unknown>} */ work) => {
    camera?.stop();
    last = last.then(work).then(
      () => {},
      ({ message }) => {
        state.textContent = message;
      },
    );
  };

  /** @type {Awaited<ReturnType<typeof openCamera>> | undefined} */
  let camera;
  const button = found("#webcam");
  const film = async () => {
    try {
      camera = await openCamera().finally(() => {
        button.disabled = false;
      });
      button.textContent = "stop";
      while (camera.isOpen()) {
        await timed(camera.video);
        await new Promise(requestAnimationFrame);
      }
      if (!camera.isStopped()) throw new Error("the camera has gone");
    } finally {
      camera?.stop();
      camera = undefined;
      button.textContent = "webcam";
    }
  };
  button.addEventListener("click", () => {
    if (camera) return camera.stop();
    button.disabled = true;
    next(film);
  });
  found("#file").addEventListener("change", () => {
    const [file] = found("#file").files;
    if (file) next(() => fromFile(file));
  });
  const url = new URL("../photographs/cat.webp", import.meta.url);
  const values = await fromFile(await (await fetch(url)).blob());
  Object.assign(globalThis, { values });
  document.body.dataset.done = "true";
} catch (error) {
  state.textContent = /** @type {Error} */ (error).message;
}
