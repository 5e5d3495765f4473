// The library computes a preset by its call. The calls that few choose are loaded when they are chosen.

import { moments, type Tensor } from "../../src/index";
import type { Partition } from "./partition";
import { type NormId, type Preset, presetOf } from "./presets";
import { type Call, type RareNorm, USUAL, USUAL_BY_STATISTIC } from "./usual_calls";

export async function callOf(id: NormId, preset: Preset): Promise<Call> {
  const isOwn = preset === presetOf(id);
  const usual = isOwn
    ? (USUAL as Partial<Record<NormId, Call>>)[id]
    : USUAL_BY_STATISTIC[preset.statistic];
  if (usual) return usual;
  const { RARE, RARE_BY_STATISTIC } = await import("./rare_calls");
  const other = isOwn ? undefined : RARE_BY_STATISTIC[preset.statistic];
  return other ?? RARE[id as RareNorm];
}

/** The moments of every set, as the GPU computes them. */
export function momentsOf(x: Tensor, { axes, groups, split }: Partition) {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [parts, cparts] = [axes.includes("N") ? split : n, axes.includes("C") ? groups : c];
  const parted = x.reshape([parts, n / parts, cparts, c / cparts, h, w]);
  const reduced = [1, 3, ...(axes.includes("H") ? [4] : []), ...(axes.includes("W") ? [5] : [])];
  return moments(parted, { axes: reduced });
}
