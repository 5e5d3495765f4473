// The statistics that a problem can be about, as the shader files that measure and apply them.

import type { ModuleName } from "./modules";

export interface Kind {
  /** What is measured, and how it becomes the factor of y. */
  readonly files: readonly ModuleName[];
  /** What y is made of. */
  readonly form: ModuleName;
  /** What is subtracted while measuring: read again, or held in registers. */
  readonly pivot: { readonly streamed: ModuleName; readonly held: ModuleName };
}

const ZERO = { streamed: "pivot/zero", held: "pivot/zero" } as const;
const MEAN = { streamed: "pivot/sample", held: "pivot/held_mean" } as const;
const LARGEST = { streamed: "pivot/largest", held: "pivot/held_largest" } as const;

const sum = (magnitude: ModuleName, scale: ModuleName): Kind => ({
  files: ["statistic/sum", magnitude, scale],
  form: "form/affine",
  pivot: ZERO,
});

export const KINDS = {
  moments: { files: ["statistic/moments", "scale/rsqrt"], form: "form/affine", pivot: MEAN },
  deviation: { files: ["statistic/moments", "scale/deviation"], form: "form/affine", pivot: MEAN },
  meanSquare: sum("magnitude/square", "scale/rsqrt"),
  norm1: sum("magnitude/abs", "scale/quotient"),
  norm2: sum("magnitude/square", "scale/quotient"),
  normP: sum("magnitude/power", "scale/quotient"),
  normInfinity: {
    files: ["statistic/largest", "magnitude/abs", "scale/quotient"],
    form: "form/affine",
    pivot: ZERO,
  },
  softmax: {
    files: ["statistic/exp_sum", "scale/reciprocal"],
    form: "form/exponential",
    pivot: LARGEST,
  },
  logSoftmax: {
    files: ["statistic/exp_sum", "scale/logarithm"],
    form: "form/logarithmic",
    pivot: LARGEST,
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;
