// This page times models of TensorFlow.js and onnxruntime-web without this library and with it.

import { largestError } from "../check";
import type { Expected } from "../inputs";
import type { Prepared } from "../library";
import { paceOf, timeInTurns, wallClock } from "../timing";
import type { ModelReport, ModelRow } from "./report";

/** What a library's module has to time: the same result in two ways. */
export interface ModelCase {
  readonly name: string;
  readonly shape: readonly number[];
  readonly expected: Expected;
  readonly before: Prepared;
  readonly after: Prepared;
}

export interface ModelLibrary {
  readonly name: string;
  readonly version: string;
  readonly adapter: string;
  cases(): AsyncIterable<ModelCase>;
}

/** This library's results are wrong from here on: products of TensorFlow.js in f32 surround the norms. */
const ALLOWED = 1e-4;

async function errorOf(prepared: Prepared, expected: Expected): Promise<number> {
  const results = await prepared.results();
  if (!results) throw new Error("a model without a result");
  return largestError(results, expected);
}

async function timed(library: string, one: ModelCase, rounds: number): Promise<ModelRow> {
  const { name, shape, expected } = one;
  const both = [one.before, one.after];
  const [before, after] = [await errorOf(one.before, expected), await errorOf(one.after, expected)];
  if (!(after < ALLOWED)) throw new Error(`${name}: off by ${after}, expected below ${ALLOWED}`);
  const turns = await timeInTurns(both, { ...paceOf(rounds), budgetMs: 60_000 }, wallClock);
  const [first, second] = turns.map(({ samples }) => samples);
  for (const prepared of both) prepared.dispose();
  return {
    library,
    name,
    shape,
    before: { samples: first, error: before },
    after: { samples: second, error: after },
  };
}

async function report(
  rounds: number,
): Promise<Pick<ModelReport, "adapter" | "versions" | "models">> {
  const versions: Record<string, string> = {};
  const models: ModelRow[] = [];
  let adapter = "";
  for (const id of ["model_tfjs", "model_ort"]) {
    const url = `./${id}.js`; // a file of its own, as a page would load it
    const { open } = await import(/* @vite-ignore */ url);
    const library: ModelLibrary = await open();
    versions[library.name] = library.version;
    adapter = library.adapter;
    for await (const one of library.cases()) {
      models.push(await timed(library.name, one, rounds));
      console.log(`${library.name}: ${one.name}`);
    }
  }
  return { adapter, versions, models };
}

Reflect.set(globalThis, "modelReport", report);
