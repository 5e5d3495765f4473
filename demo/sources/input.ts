// The input of the page: values, and the names of what is shown.

import type { Cell, Shape4 } from "../base/shape";
import { FEATURE_MAPS, writeFeatureMaps } from "./feature_maps";
import { type Photograph, pixelsOf } from "./photographs";
import { SIDE, shapeOf } from "./shapes";
import { TEXTS, tokenData, wordsOf } from "./tokens";

export interface Input {
  readonly shape: Shape4;
  readonly x: Float32Array;
  /** One a row of the sheet. */
  readonly examples: readonly string[];
  /** One a column of the sheet. */
  readonly channels: readonly string[];
  /** Says in words where a value is. */
  readonly placeOf: (cell: Cell) => string;
}

/** The feature maps of the first photographs. */
export function imagesInput(photographs: readonly Photograph[], n: number): Input {
  const shape = shapeOf({ view: "images", examples: n });
  const [, c] = shape;
  const x = new Float32Array(n * c * SIDE * SIDE);
  for (const [i, photograph] of photographs.slice(0, n).entries()) {
    writeFeatureMaps(pixelsOf(photograph, SIDE), FEATURE_MAPS, x, i * c * SIDE * SIDE);
  }
  const examples = photographs.slice(0, n).map(({ name }) => name);
  const channels = FEATURE_MAPS.map(({ name }) => name);
  return {
    ...{ shape, x, examples, channels },
    placeOf: ([i, j, h, w]) => `${examples[i]}, ${channels[j]}, row ${h}, column ${w}`,
  };
}

export function tokensInput(): Input {
  const shape = shapeOf({ view: "tokens", examples: 0 });
  const wordAt = (s: number, t: number) => wordsOf(TEXTS[s] as string)[t];
  return {
    ...{ shape, x: tokenData(), examples: TEXTS, channels: ["features"] },
    placeOf: ([s, , t, f]) => `sentence ${s + 1}, "${wordAt(s, t)}", feature ${f}`,
  };
}
