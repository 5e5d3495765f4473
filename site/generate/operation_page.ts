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
import { stepsOf } from "./steps";

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

/** A call whose cost is shown, and its plans: of a composed one, those of its steps. */
interface Costed {
  readonly name: string;
  readonly x: readonly number[];
  readonly type: string;
  readonly plans: readonly Explanation[];
}

const BYTES: Readonly<Record<string, number>> = { f32: 4, f16: 2, bf16: 2, u16: 2, u8: 1, i8: 1 };

type Plan = Readonly<Record<string, unknown>>;

function planned(name: string, args: Plan): Costed {
  const type = String(args.inputType ?? "f32");
  return { name, x: args.shape as number[], type, plans: [explanationOf(name, args)] };
}

/** The backward of a norm, where it is one plan. */
function plannedBackward(name: OperationName, plan: Plan): Costed[] {
  const { runningMean: _, runningVar: __, ...rest } = plan;
  const statistic = ["mean", "variance", "std", "moments"].includes(name);
  const axes = (plan.axes ?? []) as readonly number[];
  const x = plan.shape as number[];
  const shape = statistic ? x.filter((_, i) => !axes.includes(i)) : x;
  try {
    const costed = planned(`${name}Backward`, { ...rest, shape, x: { shape: x } });
    return [{ ...costed, x }];
  } catch {
    return []; // composed of several operations, or none
  }
}

async function costedCalls(name: OperationName): Promise<Costed[]> {
  const { plan } = rowOf(name);
  if (plan) return [planned(name, plan), ...plannedBackward(name, plan)];
  return (await stepsOf(name)).map(({ steps, ...call }) => ({
    ...call,
    type: "f32",
    plans: steps,
  }));
}

/** What a call costs, beside the bytes of x. */
function costRow({ name, x, type, plans }: Costed): string[] {
  const passes = plans.flatMap((plan) => plan.passes.map(({ does }) => does));
  const bytes = plans.reduce((sum, plan) => sum + plan.bytes, 0);
  const own = x.reduce((a, b) => a * b, 1) * (BYTES[type] ?? 4);
  const counted = `${passes.length}: ${passes.join(", ")}`;
  return [`\`${name}\``, counted, megabytes(bytes), (bytes / own).toFixed(2)];
}

const HEAD = ["call", "passes", "bytes", "bytes / bytes of x"];

const details = (summary: string, body: string) =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;

/** A file may be there for several arrays: "io/load/f32x4.wgsl as x". */
function shadersOf(calls: readonly Costed[]): string[] {
  const passes = calls.flatMap(({ plans }) => plans.flatMap((plan) => plan.passes));
  const files = passes.flatMap(({ shaders }) => shaders.map((file) => file.split(" ")[0] ?? ""));
  return [...new Set(files)];
}

/** The plan alone, without those that `tune` would try. */
const planText = (plan: Explanation) => `${plan}`.replace(/\n {2}candidates:[\s\S]*$/, "");

const shaderLinks = (files: readonly string[], link: (file: string) => string) =>
  files.map((file) => `[${file}](${link(`shaders/${file}`)})`).join(", ");

function costSection(
  name: OperationName,
  calls: readonly Costed[],
  link: (file: string) => string,
): string {
  const [first] = calls;
  if (!first)
    throw new Error(`${name}: no plan in site/operations.ts, no call in generate/steps.ts`);
  const { cost } = rowOf(name);
  const files = shadersOf(calls);
  const forward = calls.filter((call) => !call.name.endsWith("Backward"));
  const text = forward.flatMap(({ plans }) => plans.map(planText)).join("\n\n");
  return [
    "## Cost",
    cost,
    `Passes over memory and the bytes that they read and write, for an x of [${first.x.join(",\u00a0")}] in ${first.type}, as planned for a GPU with the limits that every device has. A copy of x moves 2 bytes for each byte of x. Your device may have another plan: a run above shows it.`,
    table(HEAD, calls.map(costRow)),
    details(
      "What <code>explain</code> prints, without the candidates",
      `\`\`\`text\n${text}\n\`\`\``,
    ),
    details(
      `The ${files.length} files of WGSL that its kernels are joined from`,
      shaderLinks(files, link),
    ),
    measuredOf(name),
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** The heading of norms that no library has a name for. */
const ALONE = "Of papers alone";

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
    const where = library === ALONE ? "" : `<br><small>${library}</small>`;
    return [`${operator}${where}`, replaceLinks(calls, link)];
  });
  const list = rows.length > 0 ? table(["elsewhere", "here"], rows) : "";
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

/** Where the definition, the call and the kernels come from. */
function sourcesLine(
  source: string,
  file: string,
  kernels: readonly string[],
  link: (file: string) => string,
): string {
  const definition = source && `**Source of the definition:** ${plain(source)}. `;
  const several = kernels.length > 1 ? "Kernels" : "Kernel";
  return `${definition}**Source of the code:** [${file}](${link(file)}). **${several}:** ${shaderLinks(kernels, link)}.`;
}

/** The Markdown of the page. Links to files go through `found`. */
export async function operationPage(
  name: OperationName,
  all: Declarations,
  found: Found,
): Promise<string> {
  const route = operationRoute(name);
  const { title, about, tex } = rowOf(name);
  const { docs, file, options } = all.of(name);
  const { text, source } = partsOf(docs);
  const link = (path: string) => targetOf(path, "README.md", route, found);
  const program = textOf(`site/examples/${name}.js`);
  const entries = dictionary();
  const calls = await costedCalls(name);
  const kernels = shadersOf(calls).filter((shader) => shader.startsWith("kernels/"));
  return [
    `---\ntitle: ${title}\ndescription: "${name}: ${about}"\n---`,
    `# ${title}`,
    `<p class="lead"><code>${name}</code> · ${about}</p>`,
    `\`\`\`math\n${tex}\n\`\`\``,
    figure(name),
    plain(text),
    sourcesLine(source, file, kernels, link),
    "## Try it",
    `<LiveExample program="${encodeURIComponent(program)}">\n\n\`\`\`js\n${program.trim()}\n\`\`\`\n\n</LiveExample>`,
    elsewhereSection(name, entries, (target) => targetOf(target, DICTIONARY, route, found)),
    optionsSection(options, link),
    gradientsSection(name, all),
    costSection(name, calls, link),
  ]
    .filter(Boolean)
    .join("\n\n");
}
