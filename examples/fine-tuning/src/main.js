// `npm run digits`: writes the digits that the network is pretrained on, for pretrain.py.

import { writeFileSync } from "node:fs";
import { drawDigits, SIDE } from "./digits.js";
import { writeSafetensors } from "./safetensors.js";

/** @param {number} seed @param {number} count */
function file(seed, count) {
  const { images, labels } = drawDigits(seed, count, "pen");
  return writeSafetensors({
    images: { shape: [count, 1, SIDE, SIDE], data: images },
    labels: { shape: [count], data: Float32Array.from(labels) },
  });
}

writeFileSync("digits.safetensors", file(1, 20_000));
