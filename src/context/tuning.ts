// These functions tune a context. What they do is loaded on their first call.

import { DTYPES } from "../base/dtype";
import { checkOptions } from "../base/options";
import { extentOf } from "../base/shape";
import { abstractCalls, type OperationList, type PlannableOperation } from "../operation/abstract";
import { preparedOperation } from "../operation/prepared";
import type { Tools, TuneOptions, TuneResult, Tuning } from "../operation/tune";
import { candidates } from "../plan/candidates";
import { problemKey } from "../plan/problem";
import { isOverwriting, resultName } from "../runtime/call";
import { type Context, checkContext } from "../runtime/context";
import { asNormError, scoped } from "../runtime/gpu_status";
import { bindingLayoutOf, Tensor } from "../runtime/tensor";
import { warmPipeline } from "../runtime/warm_pipeline";
import { IMPORT_TOOLS, tuningCode } from "./tuning_code";

const TOOLS: Tools = {
  ...IMPORT_TOOLS,
  DTYPES,
  Tensor,
  asNormError,
  candidates,
  checkOptions,
  extentOf,
  problemKey,
  bindingLayoutOf,
  isOverwriting,
  preparedOperation,
  resultName,
  scoped,
  warmPipeline,
};

/**
 * Measures candidate plans for these operations on the device at hand, and takes the fastest from
 * then on. It takes a list as `warmup` does; without a list it tunes all operations called so far.
 * Results differ by rounding at most. It allocates the arrays of the operations, and takes seconds on
 * a software adapter.
 *
 * Rejects with a NormError as the operations do, if the device is lost or refuses the work, and with
 * the signal's reason. Choices made before stay.
 */
export async function tune<T extends readonly PlannableOperation<never>[]>(
  context: Context,
  list?: OperationList<T>,
  options: TuneOptions = {},
): Promise<TuneResult[]> {
  checkContext("tune", context);
  context.checkAlive("tune");
  const calls = list === undefined ? context.plans.calls() : abstractCalls("tune", list);
  return (await tuningCode()).tunePlans({ context, tools: TOOLS }, calls, options);
}

/** Returns the choices of `tune`, to be kept as JSON, also after the device is lost. */
export async function exportTuning(context: Context): Promise<Tuning> {
  checkContext("exportTuning", context);
  return (await tuningCode()).tuningOf(context);
}

/**
 * Takes the choices that `exportTuning` gave on an adapter of this name, or with "stored" those that
 * `tune` left in localStorage, if any: none in a worker. Rejects with a NormError for anything else,
 * and then keeps its earlier choices.
 */
export async function importTuning(context: Context, tuning: Tuning | string): Promise<void> {
  checkContext("importTuning", context);
  (await tuningCode()).takeTuning(context, tuning, IMPORT_TOOLS);
}
