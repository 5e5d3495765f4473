// What the charts of the experiment show, from its progress: errors against steps, and against values
// behind a mean; and the same in words.

import { labelOf } from "../experiment/kinds";
import { fewestValues, type Spec } from "../experiment/spec";
import type { Dot, Line } from "./chart";
import type { Progress } from "./session";

/** From here on more values change little. */
const MOST_VALUES = 64;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const shortName = (label: string) =>
  label.replace(/^BatchNorm, (\d+) examples?/, "BatchNorm $1").replace(/, (\d+) groups/, "");

/** The mean of the seeds is a strong line; each of them is a thin one. */
export function linesOf(spec: Spec, { curve }: Progress): Line[] {
  return spec.kinds.flatMap((kind, k): Line[] => {
    const of = (share: (seeds: readonly number[]) => number) =>
      curve.map(({ step, errors }) => [step, 100 * share(errors[k] ?? [])] as const);
    const thin = Array.from({ length: spec.seeds > 1 ? spec.seeds : 0 }, (_, seed) => ({
      ...{ name: "", colour: k, isThin: true },
      points: of((seeds) => seeds[seed] ?? 0),
    }));
    return [...thin, { name: shortName(labelOf(kind)), colour: k, points: of(mean) }];
  });
}

/** A dot for each seed of each kind, at the fewest values that a mean of it has. */
export function dotsOf(spec: Spec, { curve }: Progress): Dot[] {
  const last = curve.at(-1);
  return spec.kinds.flatMap((kind, k) => {
    const values = Math.min(MOST_VALUES, fewestValues(spec, kind));
    return (last?.errors[k] ?? []).map((error) => ({
      at: [values, 100 * error] as const,
      colour: k,
    }));
  });
}

export function curveText(spec: Spec, { curve }: Progress): string {
  const last = curve.at(-1);
  if (!last) return "";
  const parts = spec.kinds.map(
    (kind, k) => `${labelOf(kind)}: ${(100 * mean(last.errors[k] ?? [])).toFixed(1)} %`,
  );
  return `After step ${last.step}: ${parts.join("; ")}`;
}

export function statusOf(
  { phase, compiled, step, seconds, slow, experiment }: Progress,
  adapter: string,
): string {
  if (phase === "idle") return "Not begun.";
  if (phase === "compiling") return `Compiling the networks: ${(100 * compiled).toFixed(0)} %`;
  const { steps = 0, name = "", kinds = [], seeds = 1 } = experiment?.spec ?? {};
  const small = slow ? " This device is slow, so it is a smaller net with three norms." : "";
  const where = adapter ? ` on ${adapter}` : " in float64, without a GPU";
  return `Step ${step} of ${steps}: ${kinds.length * seeds} networks ${name}${where}, ${seconds.toFixed(1)} s.${small}`;
}
