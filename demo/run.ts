// A run is a comparison from the point of view of the page: input from the photographs, results
// into the page, a report at the end.

import type { Context } from "../src/index";
import { type Comparison, compare, type Input } from "./compare";
import { byId } from "./dom";
import { type Batch, batchOf, type Photo } from "./photos";
import type { Summary } from "./reference";
import { type CheckResult, checksOf, type Report, rowOf } from "./report";
import { makeRows, type Shown } from "./result_rows";
import { CHANNELS, type Settings } from "./settings";
import { NORM_IDS, type NormId, type Shape4 } from "./shapes";
import { withOffset } from "./sweep";
import { drawPlans, drawTable } from "./table";
import type { Check } from "./worker";
import { inWorker } from "./worker_client";

export interface Page {
  settings: Settings;
  photos: readonly Photo[];
  /** Where the photographs are from, for the report. */
  source: string;
  context: Context | undefined;
  /** WebGPU errors since the run began; there should be none. */
  gpuErrors: string[];
  shown: Shown | undefined;
}

export const rows = makeRows(byId("rows"));

export function say(text: string): void {
  byId("status").textContent = text;
}

/** The shape that these settings give, before anything is computed. */
export function shapeOf({ kind, n, size }: Settings): Shape4 {
  const side = kind === "images" ? size : Math.ceil(size / 2);
  return [n, CHANNELS[kind], side, side];
}

/** Photographs or their feature maps, without the offset. */
export async function prepare(page: Page): Promise<{ batch: Batch; input: Input }> {
  const { kind, n, size } = page.settings;
  const batch = batchOf(page.photos, n, size);
  if (kind === "images") return { batch, input: batch };
  const input = await inWorker("features", { images: batch.data, shape: batch.shape });
  return { batch, input };
}

interface Start {
  input: Input;
  before: Summary;
}

export async function showInput(page: Page, ensureWanted: () => void): Promise<Start> {
  const { kind, offset, channel } = page.settings;
  say("Preparing the input");
  const { batch, input } = await prepare(page);
  ensureWanted();
  const shifted = withOffset(input, offset);
  const before = await inWorker("summary", { x: shifted.data, shape: shifted.shape });
  ensureWanted();
  const { shape, data } = shifted;
  page.shown = { kind, shape, offset, names: batch.names, input: data, outputs: {} };
  rows.input(page.shown, before, channel);
  return { input: shifted, before };
}

export async function runComparison(
  page: Page,
  context: Context,
  ensureWanted: () => void,
): Promise<Report> {
  const settings = { ...page.settings };
  const { input, before } = await showInput(page, ensureWanted);
  const { shown } = page;
  const checks: Partial<Record<NormId, Check>> = {};
  page.gpuErrors = [];
  drawTable(byId("table"), { before, checks });
  const result = await compare(context, input, settings, {
    progress(text) {
      ensureWanted();
      say(text);
    },
    onNorm(id, y, check) {
      checks[id] = check;
      if (shown) {
        shown.outputs[id] = y;
        rows.norm(shown, id, check.summary, page.settings.channel);
      }
      drawTable(byId("table"), { before, checks });
    },
  });
  const report = reportOf(page, context, { input, before }, result);
  drawTable(byId("table"), { before, ...result });
  drawPlans(byId("plans"), report.rows);
  showChecks(report.checks);
  return report;
}

function reportOf(
  page: Page,
  context: Context,
  { input, before }: Start,
  result: Comparison,
): Report {
  const { name, software } = context.profile;
  const { checks, timings, copy, plans } = result;
  return {
    adapter: { name, software },
    input: { shape: [...input.shape], source: page.source, kind: page.settings.kind },
    copyGBs: copy.gbs,
    rows: NORM_IDS.map((id) => rowOf(id, before, checks[id], timings[id], copy, plans[id])),
    checks: [
      ...NORM_IDS.flatMap((id) => checksOf(id, checks[id])),
      {
        name: "no WebGPU error",
        passed: page.gpuErrors.length === 0,
        detail: page.gpuErrors[0] ?? "none reported",
      },
    ],
  };
}

export function failedReport(page: Page, error: string): Report {
  const { name, software } = page.context?.profile ?? { name: "none", software: false };
  return {
    adapter: { name, software },
    input: {
      shape: [...shapeOf(page.settings)],
      source: page.source,
      kind: page.settings.kind,
    },
    copyGBs: 0,
    rows: [],
    checks: [],
    error,
  };
}

function showChecks(checks: readonly CheckResult[]): void {
  const failed = checks.filter((check) => !check.passed);
  byId("checks").textContent =
    failed.length === 0
      ? `All ${checks.length} checks passed: every value, finiteness, mean and deviation against float64.`
      : `Failed: ${failed.map(({ name, detail }) => `${name} (${detail})`).join("; ")}.`;
}
