// stats.json has the moments for programs and people, and the state, with which a later run goes on
// where blocks are missing.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { MomentsState } from "webgpu-norm/moments";
import { merged } from "./measure.js";

/** @typedef {import("./types.d.ts").Plan} Plan */
/** @typedef {import("./types.d.ts").Result} Result */
/** @typedef {import("./types.d.ts").Outcome} Outcome */

/**
 * Returns what an earlier run of the same version found.
 *
 * @param {string} file
 * @param {Plan} plan
 * @returns {Result | null}
 */
export function earlier(file, { version }) {
  if (!existsSync(file)) return null;
  try {
    const stats = JSON.parse(readFileSync(file, "utf8"));
    return stats.version === version ? (stats.result ?? null) : null;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Error(`--out ${file}: ${message}, expected a file of an earlier run, or none`);
  }
}

/**
 * Returns the plan of the blocks that are not counted yet.
 *
 * @param {Plan} plan
 * @param {Result | null} result
 * @returns {Plan}
 */
export function missingOf(plan, result) {
  if (!result) return plan;
  const state = MomentsState.fromJSON(result.state);
  return { ...plan, blocks: plan.blocks.filter((block) => !state.covers(block)) };
}

/**
 * @param {Plan} plan
 * @param {Result | null} before
 * @param {Outcome} outcome
 */
export function statsOf(plan, before, { result, failed }) {
  const whole = merged([before, result].flatMap((one) => one ?? []));
  const { source, version, unit, length, blocks } = plan;
  const missing = missingOf(plan, whole).blocks.map((block) => {
    const reason =
      failed.find(({ block: [first] }) => first === block[0])?.reason ?? "not measured";
    return { [`${unit}s`]: block, reason };
  });
  const about = { path: source.path, version, [`${unit}s`]: length, blocks: blocks.length };
  if (!whole) return { ...about, complete: false, missing };
  const state = MomentsState.fromJSON(whole.state);
  const { count, mean, variance } = state.moments();
  return {
    ...about,
    complete: missing.length === 0,
    missing,
    ...{ shape: state.shape, axes: state.axes, dtype: state.dtype },
    count: [...count].map(String),
    mean: [...mean],
    variance: [...variance],
    deviation: [...variance].map(Math.sqrt),
    measuredBy: whole.blocks,
    result: whole,
  };
}

const newOf = (/** @type {string} */ file) => `${file}.${process.pid}.new`;

/** Rejects a file that cannot be written, before hours of work are for it. @param {string} file */
export function checkWritable(file) {
  try {
    writeFileSync(newOf(file), "");
    rmSync(newOf(file));
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Error(`--out ${file}: ${message}, expected a place that can be written`);
  }
}

/** Writes a new file and renames it: there is an old one or a new one, never a half. */
export function save(/** @type {string} */ file, /** @type {object} */ stats) {
  writeFileSync(newOf(file), `${JSON.stringify(stats, null, 2)}\n`);
  renameSync(newOf(file), file);
}
