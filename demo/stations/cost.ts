// What a norm costs on this GPU: its time beside a copy of the same bytes, its plan, its WGSL, and
// whether measuring finds a better plan.

import { explain, tune } from "../../src/index";
import { html } from "../base/dom";
import { whole } from "../base/format";
import {
  DTYPES,
  kernelsOf,
  OPERATIONS,
  type OperationId,
  type Problem,
  planned,
  SHAPES,
  type ShapeId,
} from "../cost/problems";
import { copyKernel, type Timing, timeInTurns } from "../cost/timing";
import type { Gpu } from "../engine/engine";
import { messageOf } from "../engine/open_context";
import type { Page } from "./page";

class Stopped extends Error {}

export function mount(root: HTMLElement, page: Page): void {
  let stop: AbortController | undefined;
  const operation = selectOf("Operation", labels(OPERATIONS));
  const shape = selectOf("Shape", labels(SHAPES));
  const dtype = selectOf("Type", Object.fromEntries(DTYPES.map((type) => [type, type])));
  const measure = html("button", { type: "button", class: "pill strong" }, "Measure");
  const tuneIt = html("button", { type: "button", class: "pill" }, "Tune on this GPU");
  const stopIt = html("button", { type: "button", class: "pill", hidden: "" }, "Stop");
  const status = html("p", { class: "soft" });
  const bars = html("div", { class: "bars" });
  const plan = html("div", { class: "plan" });
  root.append(
    html("div", { class: "controls" }, operation.label, shape.label, dtype.label),
    html("div", { class: "controls" }, measure, tuneIt, stopIt),
    ...[status, bars, plan],
  );

  const problem = (): Problem => ({
    operation: operation.select.value as OperationId,
    shape: shape.select.value as ShapeId,
    dtype: dtype.select.value as Problem["dtype"],
  });

  /** Runs one thing at a time, with a button that stops it. */
  async function during(work: (gpu: Gpu, signal: AbortSignal) => Promise<string>): Promise<void> {
    const gpu = page.engine.gpu();
    if (!gpu) {
      status.textContent = "There is no GPU here to measure: see docs/performance.md for others'.";
      return;
    }
    stop = new AbortController();
    for (const button of [measure, tuneIt]) button.disabled = true;
    stopIt.hidden = false;
    try {
      const text = await work(gpu, stop.signal);
      status.textContent = text;
      page.say(text);
    } catch (error) {
      status.textContent = stop.signal.aborted ? "Stopped." : messageOf(error);
    } finally {
      for (const button of [measure, tuneIt]) button.disabled = false;
      stopIt.hidden = true;
      showPlan();
    }
  }

  measure.addEventListener("click", () => {
    const work = during(async ({ context }, signal) => {
      const { x, out, kernels, end } = kernelsOf(context, problem());
      const copy = copyKernel(context.device, x, out, problem().dtype === "f32" ? 4 : 2);
      const repeated = kernels.map(({ run }) => (repeats: number) => {
        context.batch(() => {
          for (let i = 0; i < repeats; i++) run();
        });
      });
      const bytes = (problem().dtype === "f32" ? 4 : 2) * x.size;
      try {
        const times = await timeInTurns(context, [copy, ...repeated], bytes, (round, rounds) => {
          if (signal.aborted) throw new Stopped();
          status.textContent = `Round ${round} of ${rounds}`;
        });
        showBars(bars, ["a copy", ...kernels.map(({ label }) => label)], times, bytes, [
          2,
          ...kernels.map(({ arrays }) => arrays),
        ]);
        return summary(times, page.adapter());
      } finally {
        end();
      }
    });
    work.catch(page.failed);
  });

  tuneIt.addEventListener("click", () => {
    const work = during(async ({ context }, signal) => {
      status.textContent = "Measuring the possible plans";
      const [found] = await tune(context, [planned(problem())], { signal });
      if (!found) return "Nothing was found.";
      const changes = Object.entries(found.changes).map(([name, value]) => `${name} ${value}`);
      const gain = `${found.ms.toFixed(3)} ms, the heuristics' ${found.heuristicMs.toFixed(3)} ms`;
      return changes.length === 0
        ? `The heuristics' plan is the fastest of ${found.measured}: ${gain}.`
        : `The fastest of ${found.measured} plans has ${changes.join(", ")}: ${gain}. The page keeps it.`;
    });
    work.catch(page.failed);
  });
  stopIt.addEventListener("click", () => stop?.abort());

  function showPlan(): void {
    const gpu = page.engine.gpu();
    if (!gpu) {
      plan.replaceChildren();
      return;
    }
    const explained = explanation(gpu);
    if (typeof explained === "string") {
      plan.replaceChildren(html("p", { class: "soft" }, explained));
      return;
    }
    const { passes, why, groups, count } = explained;
    plan.replaceChildren(
      html("h3", {}, `The plan: ${passes.length} ${passes.length === 1 ? "pass" : "passes"}`),
      html("p", { class: "soft" }, `${whole(groups)} sets of ${whole(count)} values. ${why}`),
      html(
        "ol",
        { class: "passes" },
        ...passes.map((pass) =>
          html(
            "li",
            {},
            html("strong", {}, pass.does),
            html("p", {}, pass.loops),
            html(
              "p",
              { class: "number" },
              `${whole(pass.grid[0] * pass.grid[1])} workgroups of ${pass.workgroup}, ` +
                `teams of ${pass.team}, ${(pass.bytes / 1e6).toFixed(1)} MB`,
            ),
          ),
        ),
      ),
      ...passes.map((pass) => wgslOf(pass.does, pass.wgsl)),
    );
  }

  /** The plan, or why there is none: InstanceNorm of rows has one value a set. */
  function explanation({ context }: Gpu) {
    try {
      return explain(context, ...planned(problem()));
    } catch (error) {
      return messageOf(error);
    }
  }

  for (const { select } of [operation, shape, dtype]) {
    select.addEventListener("change", () => {
      bars.replaceChildren();
      status.textContent = "";
      showPlan();
    });
  }
  page.onChange(showPlan);
  showPlan();
}

const labels = (all: Readonly<Record<string, { readonly label: string }>>) =>
  Object.fromEntries(Object.entries(all).map(([id, { label }]) => [id, label]));

function selectOf(name: string, options: Readonly<Record<string, string>>) {
  const select = html(
    "select",
    {},
    ...Object.entries(options).map(([value, text]) => html("option", { value }, text)),
  );
  return { select, label: html("label", {}, `${name} `, select) };
}

function showBars(
  root: HTMLElement,
  names: readonly string[],
  times: readonly Timing[],
  bytes: number,
  arrays: readonly number[],
): void {
  const slowest = Math.max(...times.map(({ range }) => range[1]));
  const percent = (ms: number) => `${(100 * ms) / slowest}%`;
  root.replaceChildren(
    ...times.flatMap(({ ms, range }, i) => {
      const gbs = ((arrays[i] as number) * bytes) / (ms * 1e6);
      const bar = html("span", { class: "bar" });
      bar.style.width = percent(ms);
      const spread = html("span", { class: "spread" });
      Object.assign(spread.style, { left: percent(range[0]), width: percent(range[1] - range[0]) });
      return [
        html("span", {}, names[i] as string),
        html("span", { class: "track" }, bar, spread),
        html(
          "span",
          { class: "number" },
          `${ms.toFixed(3)} ms (${range[0].toFixed(3)} to ${range[1].toFixed(3)}), ${gbs.toFixed(1)} GB/s`,
        ),
      ];
    }),
  );
}

/** A norm has to read and write as a copy does: faster than that is noise, and the text says so. */
function summary([copy, forward]: readonly Timing[], adapter: string): string {
  if (!copy || !forward) return "";
  const share = (100 * copy.ms) / forward.ms;
  const [low, high] = [
    (100 * copy.range[0]) / forward.range[1],
    (100 * copy.range[1]) / forward.range[0],
  ];
  const text = `On ${adapter} the norm runs at ${share.toFixed(0)} % of a copy's speed (${low.toFixed(0)} to ${high.toFixed(0)} by the spread of the rounds).`;
  return share > 100
    ? `${text} More than 100 % means that the two cannot be told apart here, or that x was in a cache.`
    : text;
}

/** A kernel is joined of files; each can be opened by itself. */
function wgslOf(does: string, wgsl: string): HTMLElement {
  const files = wgsl.split(/^\/\/ ==== /m).filter(Boolean);
  return html(
    "details",
    { class: "wgsl" },
    html("summary", {}, `WGSL of ${does}: ${files.length} files, ${wgsl.split("\n").length} lines`),
    ...files.map((file) => {
      const [name = "", ...lines] = file.split("\n");
      return html(
        "details",
        {},
        html("summary", {}, html("code", {}, name)),
        html("pre", { tabindex: 0 }, lines.join("\n").trim()),
      );
    }),
  );
}
