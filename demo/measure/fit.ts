// A workload fits a device if each of its tensors does: the copy binds the whole of x. Others are
// skipped, with a word.

import { product } from "../../bench/inputs";
import type { Row, TunedRow } from "../../bench/report";
import type { Workload } from "../../bench/workloads";

export interface Limits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

/** Why the workload is skipped on a device with these limits; empty: it fits. */
export function obstacle({ shape }: Workload, limits: Limits): string {
  const bytes = 4 * product(shape); // the copy's, which are f32 for all types
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (bytes <= most) return "";
  const size = (value: number) => `${Math.ceil(value / 2 ** 20)} MiB`;
  return `skipped: a tensor of ${size(bytes)}, this device binds ${size(most)}`;
}

export function skippedRow({ name, shape, dtype, oursAlone }: Workload, message: string): Row {
  const failed = { status: "failed", message } as const;
  return { name, shape, dtype, oursAlone, results: { ours: failed, copy: failed } };
}

/** A plan that was tuned, or why it was not. */
export type TunedOrNot = TunedRow | (Pick<Row, "name" | "shape"> & { readonly skipped: string });

export const skippedPlan = ({ name, shape }: Workload, skipped: string): TunedOrNot => ({
  name,
  shape,
  skipped,
});
