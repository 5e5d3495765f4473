// The report of models of other libraries, alone and with this library's norms in them.

import { digits, table, times, wrapped } from "../markdown";
import { median } from "../statistics";

/** A model, timed in turns in one page. */
export interface ModelRow {
  readonly library: string;
  readonly name: string;
  readonly shape: readonly number[];
  readonly before: ModelTimes;
  readonly after: ModelTimes;
}

export interface ModelTimes {
  readonly samples: readonly number[]; // milliseconds of one run
  /** Largest difference from float64, relative to the largest value. */
  readonly error: number;
}

export interface ModelReport {
  readonly date: string; // ISO 8601
  readonly engine: string;
  readonly adapter: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly models: readonly ModelRow[];
}

const error = (value: number) => value.toExponential(1);

/** The block `models` of docs/interop.md. */
export function modelsBlock({ date, engine, adapter, machine, versions, models }: ModelReport) {
  const rows = models.map(({ library, name, shape, before, after }) => {
    const [was, is] = [median(before.samples), median(after.samples)];
    const figures = [digits(was), digits(is), times(was / is), error(before.error)];
    return [library, `${name} [${shape.join(", ")}]`, ...figures, error(after.error)];
  });
  const head = [
    "",
    "model or layer",
    "ms before",
    "after",
    "times as fast",
    "error before",
    "after",
  ];
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rounds = models[0].before.samples.length;
  const where = `${date.slice(0, 10)}, ${engine} on ${adapter}; ${machine}. ${all.join(", ")}.`;
  const how = `Medians of ${rounds} turns in one page, before and after in turns.`;
  return `${table(head, rows)}\n\n${wrapped(`${where} ${how}`)}`;
}
