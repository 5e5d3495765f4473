// The sweep measures error against offset: one input with ever larger constants added, through all
// four norms.

import type { Context } from "../src/index";
import { type Input, runNorm } from "./compare";
import type { NormOptions } from "./norms";
import { OFFSET_STEPS } from "./settings";
import { NORM_IDS, type NormId } from "./shapes";

export interface SweepPoint {
  offset: number;
  norm: NormId;
  maxError: number;
  textbookError: number;
}

/** `input` is without an offset; `proceed` may throw to stop. */
export async function sweepOffsets(
  context: Context,
  input: Input,
  options: NormOptions,
  proceed: (offset: number) => void,
): Promise<SweepPoint[]> {
  const points: SweepPoint[] = [];
  for (const offset of OFFSET_STEPS) {
    const shifted = withOffset(input, offset);
    const x = context.tensor(shifted.data, [...shifted.shape]);
    try {
      for (const norm of NORM_IDS) {
        proceed(offset);
        const { check } = await runNorm(x, shifted, norm, options);
        points.push({
          offset,
          norm,
          maxError: check.maxError,
          textbookError: check.textbookError,
        });
      }
    } finally {
      x.destroy();
    }
  }
  return points;
}

export function withOffset({ data, shape }: Input, offset: number): Input {
  return { data: offset === 0 ? data : data.map((value) => value + offset), shape };
}
