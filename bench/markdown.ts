// This file writes a report as Markdown: the blocks that README.md and docs/performance.md show.

import { markdownTable } from "markdown-table";
import type { Exactness, Outcome, Report, Row, Tuning } from "./report";
import { geometricMean } from "./statistics";

/** How many times as long as the fastest plan the heuristics' may take. */
export const MOST_BEHIND = 1.3;

/** What is no competitor but a yardstick. */
const YARDSTICKS = ["plain", "copy", "copyBuffer"];

/** Libraries that normalize, in the report's order. */
export const normalizers = ({ libraries }: Pick<Report, "libraries">) =>
  libraries.filter(({ id }) => !YARDSTICKS.includes(id));

export const compared = ({ rows }: Pick<Report, "rows">) => rows.filter((row) => !row.oursAlone);

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head, ...rows], { alignDelimiters: false });
}

/** The text in lines of at most 100 characters, as Markdown's prose. */
export function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= 100) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** Three digits, no exponent. */
export function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}

/** "2.1", "24", "0.57" */
export function times(value: number): string {
  if (value >= 9.95) return value.toFixed(0);
  return value >= 1 ? value.toFixed(1) : value.toFixed(2);
}

export const shapeText = ({ shape }: Pick<Row, "shape">) => `[${shape.join(", ")}]`;

export const multipleOf = (row: Row, id: string): number | undefined => {
  const outcome = row.results[id];
  return outcome?.status === "timed" ? outcome.multiple : undefined;
};

function timeOf(row: Row, id: string): string {
  const outcome = row.results[id];
  return outcome?.status === "timed" ? digits(outcome.ms) : "";
}

function cell(outcome: Outcome | undefined, write: (ms: number, multiple: number) => string) {
  if (!outcome) return "";
  if (outcome.status === "timed") return write(outcome.ms, outcome.multiple ?? Number.NaN);
  return outcome.status === "wrong"
    ? `wrong: ${outcome.maxError.toExponential(0)}`
    : outcome.status;
}

type Write = (ms: number, multiple: number) => string;

function multiples(report: Report, write: Write): string {
  const ids = normalizers(report);
  const head = ["operation", "shape", "copy, ms", ...ids.map(({ name }) => name)];
  const rows = compared(report).map((row) => [
    row.name,
    shapeText(row),
    timeOf(row, "copy"),
    ...ids.map(({ id }) => cell(row.results[id], write)),
  ]);
  return table(head, rows);
}

/** The multiple of the copy by which each library can do all of the same workloads, their geometric mean. */
export function means(report: Pick<Report, "libraries" | "rows">): {
  count: number;
  mean: Record<string, number>;
} {
  const ids = normalizers(report).map(({ id }) => id);
  const shared = compared(report).filter((row) => ids.every((id) => multipleOf(row, id)));
  const entries = ids.map((id) => [id, shared.map((row) => multipleOf(row, id) ?? Number.NaN)]);
  const mean = entries.map(([id, all]) => [id, geometricMean(all as number[])]);
  return { count: shared.length, mean: shared.length ? Object.fromEntries(mean) : {} };
}

function extra(report: Report): string {
  const rows = report.rows.filter(({ oursAlone }) => oursAlone);
  return table(
    ["operation", "shape", "copy, ms", "webgpu-norm, ms", "multiple"],
    rows.map((row) => [
      row.name,
      shapeText(row),
      timeOf(row, "copy"),
      timeOf(row, "ours"),
      cell(row.results.ours, (_, multiple) => times(multiple)),
    ]),
  );
}

function machine({ date, engine, adapter, software, machine, libraries }: Report): string {
  const versions = libraries.filter(({ version }) => version);
  const named = versions.map(({ name, version }) => `${name} ${version}`).join(", ");
  const kind = software ? ", a CPU adapter" : "";
  return wrapped(`${date.slice(0, 10)}, ${engine} on ${adapter}${kind}; ${machine}. ${named}.`);
}

/** "webgpu-norm 1.7, jax-js 5.6", with the number of workloads that they are the means of. */
function meansText(report: Report): { count: number; named: string } {
  const { count, mean } = means(report);
  const named = normalizers(report).flatMap(({ id, name }) =>
    mean[id] ? [`${name} ${times(mean[id])}`] : [],
  );
  return { count, named: named.join(", ") };
}

function summary(report: Report): string {
  const { count, named } = meansText(report);
  const all = `Geometric means over the ${count} workloads that all libraries can do: ${named}.`;
  return `${machine(report)}${count > 1 ? `\n${wrapped(all)}` : ""}`;
}

/** The README's lines: the same means, and the adapter. */
function headline(report: Report): string {
  const { date, adapter, software } = report;
  const { count, named } = meansText(report);
  const on = `${date.slice(0, 10)}, ${adapter}${software ? ", a CPU adapter" : ""}`;
  if (count < 2) return wrapped(`No workload was run by all libraries (${on}).`);
  const of = `geometric mean of ${count} workloads`;
  return wrapped(`Time as a multiple of a copy of x, ${of}: ${named} (${on}).`);
}

function cold(report: Report): string {
  const ids = [...normalizers(report), { id: "copy", name: "no library: the copy kernel alone" }];
  const rows = ids.flatMap(({ id, name }) => {
    const first = report.cold?.[id];
    const bytes = report.bytes?.[id];
    return first && bytes ? [[name, `${digits(bytes / 1000)} kB`, `${digits(first.ms)} ms`]] : [];
  });
  return table(["", "bytes fetched, gzip", "first result"], rows);
}

/** How many times as long the best other library takes, by rows; a cell for the table of aims. */
function ahead({ rows, ...report }: Pick<Report, "libraries" | "rows">, backward: boolean): string {
  const peers = normalizers(report).filter(({ id }) => id !== "ours");
  const ratios = compared({ rows }).flatMap((row) => {
    const best = Math.min(...peers.map(({ id }) => multipleOf(row, id) ?? Infinity));
    const own = multipleOf(row, "ours");
    const wanted = row.name.endsWith("backward") === backward && own && best < Infinity;
    return wanted ? [best / own] : [];
  });
  if (ratios.length === 0) return "no other library was run";
  return `${times(geometricMean(ratios))} times, ${times(Math.min(...ratios))} in the closest of ${ratios.length} rows`;
}

function aims(report: Report): string {
  const first = (id: string) =>
    report.cold?.[id] ? `${digits(report.cold[id].ms)} ms` : "not run";
  const { encode, call } = report.overhead ?? { encode: Number.NaN, call: Number.NaN };
  return table(
    ["aim, on a CPU adapter", "found"],
    [
      ["forward: twice as fast as the best other library, and never slower", ahead(report, false)],
      ["backward: four times as fast, and never slower", ahead(report, true)],
      [
        "first result in half of jax-js's time",
        `${first("ours")}, jax-js ${first("jax")}, no library ${first("copy")}`,
      ],
      [
        "an operation recorded in 10 µs of CPU time",
        report.overhead ? `${digits(encode)} µs; called in a batch ${digits(call)} µs` : "not run",
      ],
    ],
  );
}

function overhead({ overhead }: Report): string {
  if (!overhead) return "";
  const { encode, call } = overhead;
  const recorded = `${digits(encode)} µs recorded by a prepared operation, ${digits(call)} µs called in a batch`;
  return wrapped(`CPU time of an operation, medians: ${recorded}.`);
}

function ways(report: Report): string {
  const ids = normalizers(report).filter(({ id }) => id !== "ours");
  const written = (row: Row, id: string) => {
    const outcome = row.results[id];
    return outcome?.status === "timed" ? outcome.way : (outcome?.status ?? "");
  };
  const rows = compared(report).map((row) => [
    row.name,
    shapeText(row),
    ...ids.map(({ id }) => written(row, id)),
  ]);
  return table(["operation", "shape", ...ids.map(({ name }) => name)], rows);
}

function errors(report: Report): string {
  const rows = normalizers(report).map(({ id, name }) => {
    const all = compared(report).map((row) => {
      const outcome = row.results[id];
      return outcome?.status === "timed" ? (outcome.maxError ?? 0) : 0;
    });
    return [name, Math.max(...all).toExponential(1)];
  });
  return table(["", "largest error"], rows);
}

/** The largest errors on inputs that are hard for some formulas, a column a library. */
function accuracy(report: Report): string {
  const ids = normalizers(report);
  const written = (found: Exactness | undefined) =>
    found ? (found.error?.toExponential(1) ?? "no number") : "none";
  const rows = (report.accuracy ?? []).map((row) => [
    row.name,
    shapeText(row),
    row.values,
    ...ids.map(({ id }) => written(row.errors[id])),
  ]);
  const head = ["operation", "shape", "x", ...ids.map(({ name }) => name)];
  return `${machine(report)}\n\n${table(head, rows)}`;
}

/** Milliseconds of runs of the same workloads on the same machine, each library of each report in a column. */
export function sideBySide(reports: readonly Report[]): string {
  const [{ rows }] = reports;
  const columns = reports.flatMap((report) =>
    normalizers(report).map(({ id, name }) => ({ report, id, name })),
  );
  const same = (a: Row) => (b: Row) => a.name === b.name && shapeText(a) === shapeText(b);
  const body = rows.map((row) => [
    row.name,
    shapeText(row),
    timeOf(row, "copy"),
    ...columns.map(({ report, id }) =>
      cell(report.rows.find(same(row))?.results[id], (ms) => digits(ms)),
    ),
  ]);
  return table(["operation", "shape", "copy, ms", ...columns.map(({ name }) => name)], body);
}

/** The heuristics against the fastest plan, a line an adapter, with those beyond what is aimed at. */
function tuning(found: readonly Tuning[]): string {
  const body = found.map(({ adapter, rows }) => {
    const far = rows.filter(({ ratio }) => ratio > MOST_BEHIND);
    const names = far.map((row) => {
      return `${row.name} ${shapeText(row)} ${row.ratio.toFixed(2)} (${JSON.stringify(row.changes)})`;
    });
    const behind = rows.map(({ ratio }) => ratio);
    const usual = behind.filter((ratio) => ratio === 1).length;
    const cells = [rows.length, usual, geometricMean(behind).toFixed(2)].map(String);
    return [adapter, ...cells, names.join("; ") || "none"];
  });
  const beyond = `beyond ${MOST_BEHIND}`;
  return table(["adapter", "rows", "heuristics' plan is the fastest", "mean", beyond], body);
}

/** Every block by the name in its markers. */
export function blocks(
  report: Report,
  tunings: readonly Tuning[] = [],
  exactness: Report = report,
): Record<string, string> {
  return {
    tuning: tuning(tunings),
    machine: machine(report),
    summary: summary(report),
    headline: headline(report),
    full: multiples(report, (ms, multiple) => `${times(multiple)} (${digits(ms)})`),
    extra: extra(report),
    cold: cold(report),
    overhead: overhead(report),
    aims: aims(report),
    ways: ways(report),
    errors: errors(report),
    accuracy: accuracy(exactness),
  };
}

/** Puts blocks between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function refreshed(text: string, made: Readonly<Record<string, string>>): string {
  return text.replace(
    /(<!-- bench:(\w+) -->)[\s\S]*?(<!-- \/bench:\2 -->)/g,
    (_, open: string, name: string, close: string) => {
      if (made[name] === undefined) throw new Error(`no block of the report is called ${name}`);
      return `${open}\n\n${made[name]}\n\n${close}`;
    },
  );
}
