// Times of an operation that were measured, as they stand in bench/results.

import type { OperationName } from "../operations";
import { textOf } from "./repository";

interface Row {
  readonly name: string;
  readonly us: number;
  readonly multiple: number;
  /** Where it is not that of all rows. */
  readonly date?: string;
}

interface Results {
  readonly date: string;
  readonly adapter: string;
  readonly machine: string;
  readonly engine: string;
  readonly rows: readonly Row[];
}

/** How the rows of an operation begin. */
const NAMES: Partial<Record<OperationName, RegExp>> = {
  batchNorm: /^BatchNorm (inference|training|backward)/,
  layerNorm: /^LayerNorm( backward| f16| bf16)? \[/,
  groupNorm: /^GroupNorm/,
  instanceNorm: /^InstanceNorm/,
  rmsNorm: /^RMSNorm/,
  softmax: /^Softmax/,
  moments: /^BatchNorm statistics/,
  maskOf: /^LayerNorm, u8 mask/,
  lengthsOf: /^LayerNorm, lengths/,
  gateOf: /^RMSNorm, gated/,
};

const NOT_YET =
  "No time of it is stored. [Performance](/performance) has the times of other norms, many of which run in the same kernels.";

/** A table, with machine, adapter, date and command, or where other times are. */
export function measuredOf(name: OperationName): string {
  const wanted = NAMES[name];
  const { date, adapter, machine, engine, rows }: Results = JSON.parse(
    textOf("bench/results/h100.json"),
  );
  const own = rows.filter((row) => wanted?.test(row.name));
  if (own.length === 0) return `### Measured\n\n${NOT_YET}`;
  const lines = own.map(({ name, us, multiple }) => `| ${name} | ${us} | ${multiple.toFixed(2)} |`);
  const dates = [...new Set(own.map((row) => row.date ?? date))].sort().join(" and ");
  return [
    "### Measured",
    "| workload | µs | time / time of a copy |\n| --- | --- | --- |\n".concat(lines.join("\n")),
    `${adapter}; ${machine}; ${engine}; ${dates}. \`npm run bench:native\` measures a server, [this page](/demo/measure.html){target="_self"} the GPU of your browser.`,
  ].join("\n\n");
}
