// Writes the page of an operation from the table, the docstrings, the dictionary and the planner.

import { explanationOf } from "../../scripts/lib/kernels";
import type { Explanation } from "../../src/operation/explain";
import { type OperationName, rowOf } from "../operations";
import { pictureOf } from "../picture";
import { type Declarations, type DeclaredOption, partsOf } from "./declarations";
import { DICTIONARY, dictionary, type Entry } from "./dictionary";
import { replaceLinks } from "./markdown";
import { measuredOf } from "./measured";
import { textOf } from "./repository";
import { type Found, operationRoute, targetOf } from "./routes";

const cell = (text: string) => text.replace(/\s+/g, " ").replaceAll("|", "\\|");
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const megabytes = (bytes: number) => `${(bytes / 1e6).toPrecision(3)} MB`;

/** Docstrings are no HTML. */
const plain = (text: string) => text.replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;");

function figure(name: OperationName): string {
  const { picture } = rowOf(name);
  const legend =
    picture.axes.length === 0
      ? "No value shares a statistic with the marked one."
      : "Full colour: what shares with the marked value. Pale colours: the other sets.";
  const masked = picture.masked ? " Hollow: masked." : "";
  return `<figure class="sets">${pictureOf(picture)}<figcaption>${picture.about} <span>${legend}${masked}</span></figcaption></figure>`;
}

function optionsTable(options: readonly DeclaredOption[]): string {
  const rows = options.map(({ name, type, optional, docs }) => [
    `\`${name}\`${optional ? "" : ", required"}`,
    plain(cell(docs)),
    `\`${cell(type)}\``,
  ]);
  return table(["option", "meaning", "type"], rows);
}

function optionsSection(options: readonly DeclaredOption[], link: (file: string) => string) {
  const [own, common] = [options.filter((o) => !o.common), options.filter((o) => o.common)];
  const more =
    common.length > 0
      ? `Those of every norm, too: ${common.map(({ name }) => `\`${name}\``).join(", ")} ([what they do](${link("docs/operations.md#options-of-every-norm")})).`
      : "";
  if (own.length === 0) return more && `## Options\n\n${more}`;
  return `## Options\n\n${optionsTable(own)}\n\n${more}`;
}

/** What a plan costs, beside the bytes of its arrays. */
function planRows(name: string, args: Readonly<Record<string, unknown>>) {
  const explained = explanationOf(name, args);
  const passes = explained.passes.map(({ does }) => does).join(", then ");
  const shape = args.shape as number[];
  const each =
    { f32: 4, f16: 2, bf16: 2, u16: 2, u8: 1, i8: 1 }[String(args.inputType ?? "f32")] ?? 4;
  const own = shape.reduce((a, b) => a * b, 1) * each;
  return {
    explained,
    row: [
      `\`${name}\``,
      `[${shape.join(", ")}]`,
      `${explained.passes.length}`,
      passes,
      megabytes(explained.bytes),
      (explained.bytes / own).toFixed(2),
    ],
  };
}

const HEAD = ["call", "x", "passes", "what they do", "bytes", "bytes / bytes of x"];

function backwardPlan(name: string, plan: Readonly<Record<string, unknown>>, shape: unknown) {
  const { runningMean: _, runningVar: __, ...rest } = plan;
  const x = { shape: plan.shape };
  try {
    return [planRows(`${name}Backward`, { ...rest, shape, x }).row];
  } catch {
    return []; // composed of several operations, or none
  }
}

/** A file may be there for several arrays: "io/load/f32x4.wgsl as x". */
function shaderLinks({ passes }: Explanation, link: (file: string) => string): string[] {
  const files = passes.flatMap(({ shaders }) => shaders.map((file) => file.split(" ")[0] ?? ""));
  return [...new Set(files)].map((file) => `[${file}](${link(`shaders/${file}`)})`);
}

function costSection(name: OperationName, link: (file: string) => string): string {
  const { plan, cost } = rowOf(name);
  const measured = measuredOf(name);
  if (!plan) return ["## Cost", cost ?? "", measured].join("\n\n");
  const forward = planRows(name, plan);
  const statistic = ["mean", "variance", "std", "moments"].includes(name);
  const axes = (plan.axes ?? []) as readonly number[];
  const shape = statistic
    ? (plan.shape as number[]).filter((_, i) => !axes.includes(i))
    : plan.shape;
  const rows = [forward.row, ...backwardPlan(name, plan, shape)];
  const files = shaderLinks(forward.explained, link);
  return [
    "## Cost",
    "What the planner says for a GPU with the limits that every device has. A copy of x takes 2 bytes for each of its bytes; tuning and the reader's device may choose otherwise, which a run above shows.",
    table(HEAD, rows),
    `<details><summary>The plan, as <code>explain</code> prints it</summary>\n\n\`\`\`text\n${forward.explained}\n\`\`\`\n\n</details>`,
    `<details><summary>The ${files.length} files of WGSL that its kernels are joined from</summary>\n\n${files.join(", ")}\n\n</details>`,
    measured,
  ].join("\n\n");
}

function elsewhereSection(
  name: OperationName,
  entries: readonly Entry[],
  link: (target: string) => string,
): string {
  const { torch } = rowOf(name);
  // an activation goes with every norm
  const own = entries.filter(
    ({ operations, calls }) => operations.includes(name) && !calls.startsWith("the activation"),
  );
  const line = torch ? `\`\`\`python\n${torch}\n\`\`\`` : "PyTorch has no function for it.";
  const rows = own.map(({ library, operator, calls }) => {
    return [library, operator, replaceLinks(calls, link)];
  });
  const list = rows.length > 0 ? table(["in", "it is called", "and here"], rows) : "";
  return [
    "## In PyTorch and elsewhere",
    line,
    list,
    `[Conventions that differ](${link("operators.md#conventions")})`,
  ].join("\n\n");
}

function gradientsSection(name: OperationName, all: Declarations): string {
  const backward = `${name}Backward`;
  if (!all.values.includes(backward)) return "";
  const { text } = partsOf(all.of(backward).docs);
  return `## Gradients\n\n\`${backward}(dy, { x, ... })\`\n\n${plain(text)}`;
}

/** The Markdown of the page. Links to files go through `found`. */
export function operationPage(name: OperationName, all: Declarations, found: Found): string {
  const route = operationRoute(name);
  const { title, about, tex } = rowOf(name);
  const { docs, file, options } = all.of(name);
  const { text, source } = partsOf(docs);
  const link = (path: string) => targetOf(path, "README.md", route, found);
  const program = textOf(`site/examples/${name}.js`);
  const entries = dictionary();
  return [
    `---\ntitle: ${title}\ndescription: "${name}: ${about}"\n---`,
    `# ${title}`,
    `<p class="lead"><code>${name}</code> · ${about}</p>`,
    `\`\`\`math\n${tex}\n\`\`\``,
    figure(name),
    plain(text),
    source &&
      `**Source of the definition:** ${plain(source)}. **Source of the code:** [${file}](${link(file)}).`,
    !source && `**Source of the code:** [${file}](${link(file)}).`,
    "## Try it",
    `<LiveExample program="${encodeURIComponent(program)}">\n\n\`\`\`js\n${program.trim()}\n\`\`\`\n\n</LiveExample>`,
    elsewhereSection(name, entries, (target) => targetOf(target, DICTIONARY, route, found)),
    optionsSection(options, link),
    gradientsSection(name, all),
    costSection(name, link),
  ]
    .filter(Boolean)
    .join("\n\n");
}
