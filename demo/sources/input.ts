// The input of the page: values, and the names of what is shown.

import type { Shape4 } from "../base/shape";
import { FEATURE_MAPS, writeFeatureMaps } from "./feature_maps";
import { type Photograph, pixelsOf } from "./photographs";
import { SIDE, shapeOf } from "./shapes";
import { TEXTS, tokenData } from "./tokens";

export interface Input {
  readonly shape: Shape4;
  readonly x: Float32Array;
  /** One a row of the sheet. */
  readonly examples: readonly string[];
  /** One a column of the sheet. */
  readonly channels: readonly string[];
}

export function imagesInput(photographs: readonly Photograph[]): Input {
  const shape = shapeOf({ view: "images" });
  const [n, c] = shape;
  const x = new Float32Array(n * c * SIDE * SIDE);
  for (const [i, photograph] of photographs.slice(0, n).entries()) {
    writeFeatureMaps(pixelsOf(photograph, SIDE), x, i * c * SIDE * SIDE);
  }
  const examples = photographs.slice(0, n).map(({ name }) => name);
  return { shape, x, examples, channels: FEATURE_MAPS.map(({ name }) => name) };
}

export function tokensInput(): Input {
  const shape = shapeOf({ view: "tokens" });
  return { shape, x: tokenData(), examples: TEXTS, channels: ["features"] };
}
