// The digits of an experiment: a batch for each seed and step, and the digits of the test. Whoever
// asks for a batch again gets the same one.

import { entryAt } from "../../src/base/entry";
import { Random } from "../base/random";
import { type Digits, drawDigits } from "./digits";
import { PIXELS, SIDE } from "./pen";
import type { Spec } from "./spec";
import { STREAM } from "./weights";

export const trainingBatch = ({ batch, hard }: Spec, seed: number, step: number): Digits =>
  drawDigits(new Random(STREAM.training, seed, step), batch, hard);

export const testSet = ({ testDigits, hard }: Spec): Digits =>
  drawDigits(new Random(STREAM.test), testDigits, hard);

/** Other digits of a batch, the same ones for the same number. */
export const neighboursOf = ({ batch, hard }: Spec, number: number): Float32Array =>
  drawDigits(new Random(STREAM.neighbours, number), batch - 1, hard).pictures;

/** Rearranges pictures into the pixels of the first layer, whose channels are a patch of values. */
export function patchesOf({ layers }: Spec, pictures: Float32Array): Float32Array<ArrayBuffer> {
  const { inSide, inChannels } = entryAt(layers, 0);
  const patch = SIDE / inSide;
  const place = Array.from({ length: PIXELS }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const pixel = Math.floor(y / patch) * inSide + Math.floor(x / patch);
    return pixel * inChannels + (y % patch) * patch + (x % patch);
  });
  const patches = new Float32Array(pictures.length);
  for (const [i, value] of pictures.entries()) {
    const pixel = i % PIXELS;
    patches[i - pixel + entryAt(place, pixel)] = value;
  }
  return patches;
}
