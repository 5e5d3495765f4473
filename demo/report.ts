// A finished comparison leaves a report for scripts: `globalThis.normReport` and the state of the
// page.

import type { Summary } from "./reference";
import type { Kind } from "./settings";
import type { NormId } from "./shapes";
import { SHARING } from "./shapes";
import type { Timing } from "./timing";
import type { Check } from "./worker";

export interface ReportRow {
  norm: string;
  axes: number[];
  axesText: string;
  meanBefore: number;
  stdBefore: number;
  meanAfter: number;
  stdAfter: number;
  maxError: number;
  ms: number;
  gbs: number;
  copyShare: number;
  plan: string;
}

export interface CheckResult {
  name: string;
  passed: boolean;
  detail: string;
}

export interface Report {
  adapter: { name: string; software: boolean };
  input: { shape: number[]; source: string; kind: Kind };
  copyGBs: number;
  rows: ReportRow[];
  checks: CheckResult[];
  error?: string;
}

export type State = "loading" | "running" | "done" | "failed";

declare global {
  var normReport: Report | undefined;
}

export function setState(state: State): void {
  document.documentElement.dataset.state = state;
}

/**
 * Largest error against float64 that is allowed, with unit weight. The statistics are exact to a few
 * units in the last place whatever the offset, so the error is that of rounding y itself: simulated
 * 1.9e-6 for |y| up to about 5. Beyond 8, where float32 has steps of 9.5e-7, it grows with |y|.
 */
const MAX_ERROR = 2e-6;

export function allowedError(largest: number): number {
  return MAX_ERROR * Math.max(1, largest / 8);
}

export function checksOf(id: NormId, check: Check): CheckResult[] {
  const { summary, expected, maxError } = check;
  const { label } = SHARING[id];
  const allowed = allowedError(summary.largest);
  const meanError = Math.abs(summary.mean - expected.mean);
  const stdError = Math.abs(summary.std - expected.std);
  return [
    {
      name: `${label}: every value within ${allowed.toExponential(1)} of float64`,
      passed: maxError <= allowed,
      detail: `largest error ${maxError.toExponential(2)}`,
    },
    {
      name: `${label}: every value is finite`,
      passed: summary.finite,
      detail: `largest value ${summary.largest.toPrecision(3)}`,
    },
    {
      name: `${label}: mean and deviation are those of float64`,
      passed: meanError <= 1e-6 && stdError <= 1e-6,
      detail: `off by ${meanError.toExponential(1)} and ${stdError.toExponential(1)}`,
    },
  ];
}

export function rowOf(
  id: NormId,
  before: Summary,
  check: Check,
  timing: Timing,
  copy: Timing,
  plan: string,
): ReportRow {
  const { label, axes, axesText } = SHARING[id];
  return {
    norm: label,
    axes: [...axes],
    axesText,
    meanBefore: before.mean,
    stdBefore: before.std,
    meanAfter: check.summary.mean,
    stdAfter: check.summary.std,
    maxError: check.maxError,
    ...timing,
    copyShare: timing.gbs / copy.gbs,
    plan,
  };
}
