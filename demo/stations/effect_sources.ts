// What a norm is shown to do something to: colours of photographs, their feature maps, drawn digits.
// Each source has six pictures in its row, and a word for each norm.

import { Random } from "../base/random";
import { type Shape4, sizeOf } from "../base/shape";
import { drawDigits } from "../experiment/digits";
import { SIDE as DIGIT_SIDE } from "../experiment/pen";
import type { NormId } from "../norms/presets";
import { colourPictures, drawColours, drawGreys, type Tone } from "../sources/colour_pictures";
import { FAINT_AND_BOLD, writeFeatureMaps } from "../sources/feature_maps";
import { type Photograph, pixelsOf } from "../sources/photographs";
import { EXAMPLES, type SourceId } from "../sources/shapes";

const SIDE = 96;

export const NORMS = ["batch", "layer", "instance", "channels", "tanh"] as const;
type Shown = (typeof NORMS)[number] & NormId;

interface Values {
  readonly shape: Shape4;
  readonly x: Float32Array;
}

interface Source {
  readonly label: string;
  /** What the six pictures of a row are. */
  readonly row: string;
  readonly values: (photographs: readonly Photograph[]) => Values;
  /** The values before lie between these, and are drawn from black to white. */
  readonly range: readonly [number, number];
  /** Draws the picture at a place of the row. */
  readonly draw: (
    canvas: HTMLCanvasElement,
    values: ArrayLike<number>,
    shape: Shape4,
    place: number,
    tone: Tone,
  ) => void;
  readonly words: Readonly<Record<Shown, string>>;
}

function featureMaps(photographs: readonly Photograph[]): Values {
  const shape: Shape4 = [photographs.length, FAINT_AND_BOLD.length, SIDE, SIDE];
  const x = new Float32Array(sizeOf(shape));
  for (const [n, photograph] of photographs.entries()) {
    writeFeatureMaps(pixelsOf(photograph, SIDE), FAINT_AND_BOLD, x, (n * x.length) / shape[0]);
  }
  return { shape, x };
}

function digits(): Values {
  const { pictures } = drawDigits(new Random(4), EXAMPLES, 0.6);
  return { shape: [EXAMPLES, 1, DIGIT_SIDE, DIGIT_SIDE], x: pictures };
}

export const EFFECT_SOURCES: Readonly<Record<SourceId, Source>> = {
  photographs: {
    label: "photographs",
    row: "Six photographs, three channels each: red, green and blue.",
    values: (photographs) => colourPictures(photographs, SIDE),
    range: [0, 1],
    draw: drawColours,
    words: {
      batch:
        "The batch loses its common cast and exposure. Each picture keeps its own, beside the others.",
      layer:
        "Each picture gets the same brightness and contrast. Its cast stays: colours share one mean.",
      instance:
        "Each colour of each picture is stretched by itself: casts are gone, and so is the mood.",
      channels:
        "Each pixel alone: brightness is gone, and only the order of its three colours is left.",
      tanh: "No statistic: dark pictures stay dark, what is large is held below 1.",
    },
  },
  maps: {
    label: "feature maps",
    row: `Six feature maps of the first photograph, as fixed filters of 3 × 3 give them: ${FAINT_AND_BOLD.map(({ name }) => name).join(", ")}. Grey is 0.`,
    values: featureMaps,
    range: [-1, 1],
    draw: drawGreys,
    words: {
      batch:
        "Each map has one mean and one deviation for all photographs: faint edges become bold. Red − " +
        "green stays faint, since other photographs have more of it.",
      layer:
        "All maps of a photograph share one deviation: edges stay faint beside the blur, as they were.",
      instance:
        "Each map of each photograph is stretched by itself. Edges count as much as colours.",
      channels: "Each position alone, over its maps: what is left is which filter answered most.",
      tanh: "No statistic: what is faint stays faint.",
    },
  },
  digits: {
    label: "digits",
    row: "Six drawn digits, as the networks below get them: one channel, dark on light and light on dark.",
    values: digits,
    range: [-3, 3],
    draw: drawGreys,
    words: {
      batch: "All digits share one mean and one deviation: faint ones stay faint beside bold ones.",
      layer: "Each digit gets the same brightness and contrast. Light on dark stays light on dark.",
      instance: "There is one channel, so this is LayerNorm.",
      channels: "There is one channel, so each value is its own mean, and nothing is left.",
      tanh: "No statistic: each digit keeps its contrast, and what is large is held below 1.",
    },
  },
};
