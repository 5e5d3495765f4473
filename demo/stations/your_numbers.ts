// The visitor's own numbers: any shape, axes and type; the result with float64 beside it, and the code.

import { codeList, copyButton } from "../base/code_list";
import { html } from "../base/dom";
import { whole } from "../base/format";
import { inFloat64, OPERATIONS, type OperationId, onGpu } from "../numbers/operations";
import { parseAxes, parseNumbers, parseShape } from "../numbers/parse";
import type { Page } from "./page";

const EXAMPLE = "2, 4, 4, 6\n1000002, 1000004, 1000004, 1000006\n-1, 0, 0, 1";
const SHOWN = 64;

export function mount(root: HTMLElement, page: Page): void {
  let run = 0;
  const field = (label: string, value: string) => {
    const input = html("input", { class: "field", value, size: 10 });
    return { input, label: html("label", {}, `${label} `, input) };
  };
  const select = (label: string, options: readonly (readonly [string, string])[]) => {
    const input = html(
      "select",
      {},
      ...options.map(([value, text]) => html("option", { value }, text)),
    );
    return { input, label: html("label", {}, `${label} `, input) };
  };
  const numbers = html("textarea", { rows: 6, cols: 48, spellcheck: "false", id: "numbers" });
  numbers.value = EXAMPLE;
  const shape = field("Shape", "");
  shape.input.placeholder = "as pasted";
  const axes = field("Axes", "-1");
  const dtype = select("Type", [
    ["f32", "f32"],
    ["f16", "f16"],
    ["bf16", "bf16"],
  ]);
  const operation = select(
    "Make it",
    Object.entries(OPERATIONS).map(([id, { label }]) => [id, label]),
  );
  const output = html("div", { class: "scroll", tabindex: 0, role: "region" });
  output.setAttribute("aria-label", "Results");
  const note = html("p", { class: "soft" });
  const code = html("div", {});
  let result: ArrayLike<number> = [];
  const copy = copyButton("Copy the result", () => JSON.stringify(Array.from(result)), page.say);
  root.append(
    html(
      "div",
      { class: "numbers" },
      html(
        "div",
        {},
        html("label", { for: "numbers" }, "Rows of numbers, or JSON"),
        numbers,
        html(
          "div",
          { class: "controls" },
          ...[shape, axes, dtype, operation].map(({ label }) => label),
        ),
        code,
      ),
      html("div", {}, note, output, copy),
    ),
  );

  async function update(): Promise<void> {
    const own = ++run;
    try {
      const parsed = parseNumbers(numbers.value);
      const dims = shape.input.value.trim()
        ? parseShape(shape.input.value, parsed.values.length)
        : parsed.shape;
      const request = {
        ...{ values: parsed.values, shape: dims, axes: parseAxes(axes.input.value, dims.length) },
        dtype: dtype.input.value as "f32",
      };
      const id = operation.input.value as OperationId;
      const computed = await page.engine.onGpu(({ context }) => onGpu(context, id, request));
      if (own !== run) return;
      // what is judged is the norm of the values as they are stored
      const stored = computed ? Array.from(computed.x) : request.values;
      const right = inFloat64(id, { ...request, values: stored });
      result = computed?.y ?? right;
      showTable(output, dims, stored, result, right);
      note.textContent = `[${dims.join(", ")}], over axes [${request.axes.join(", ")}]: ${
        computed ? `by ${id} on ${page.adapter()}` : "in float64, without a GPU"
      }, largest difference to float64 ${differenceOf(result, right).toExponential(1)}.`;
      code.replaceChildren(codeList(codesOf(id, request.axes)));
    } catch (error) {
      if (own !== run) return;
      note.textContent = error instanceof Error ? error.message : String(error);
      output.replaceChildren();
    }
    page.say(note.textContent ?? "");
  }

  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void update(), 250);
  };
  for (const input of [numbers, shape.input, axes.input, dtype.input, operation.input]) {
    input.addEventListener("input", later);
  }
  page.onChange(later);
  void update();
}

function differenceOf(given: ArrayLike<number>, right: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < given.length; i++) {
    const error = Math.abs((given[i] as number) - (right[i] as number));
    if (!(error <= most)) most = error;
  }
  return most;
}

function showTable(
  root: HTMLElement,
  shape: readonly number[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  right: ArrayLike<number>,
): void {
  const rows = Array.from({ length: Math.min(SHOWN, x.length) }, (_, i) => {
    const values = [
      `[${placeOf(i, shape).join(", ")}]`,
      String(x[i]),
      digits(y[i], 7),
      digits(right[i], 12),
    ];
    return html("tr", {}, ...values.map((value) => html("td", {}, value)));
  });
  const head = ["place", "x", "y", "float64"].map((name) => html("th", { scope: "col" }, name));
  const more = x.length - rows.length;
  root.replaceChildren(
    html(
      "table",
      { class: "number" },
      html("thead", {}, html("tr", {}, ...head)),
      html("tbody", {}, ...rows),
    ),
    ...(more > 0 ? [html("p", { class: "soft" }, `and ${whole(more)} more`)] : []),
  );
}

const digits = (value: number | undefined, count: number) =>
  value === undefined ? "" : value.toPrecision(count);

function placeOf(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((length) => {
      const at = rest % length;
      rest = Math.floor(rest / length);
      return at;
    })
    .reverse();
}

function codesOf(id: OperationId, axes: readonly number[]) {
  const list = `[${axes.join(", ")}]`;
  const { code, pytorch, onnx } = OPERATIONS[id];
  return [
    ["webgpu-norm", code(list)],
    ["PyTorch", pytorch(list)],
    ["ONNX", onnx(list)],
  ] as const;
}
