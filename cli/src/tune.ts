// The command tune measures the plans of calls on this machine's GPU.

import { exportTuning, tune } from "../../src/index";
import type { NamedCall } from "./call";
import { requireGpu } from "./gpu";

/** Returns what was measured as a text, and the tuning as JSON for `createContext({ tuning })`. */
export async function tuneCommand(
  call: NamedCall,
  onProgress: (done: number, all: number) => void,
): Promise<{ text: string; json: string }> {
  const { context } = await requireGpu();
  const all = [[call.operation, call.args]] as never;
  const [tuned] = (await tune(context, all, { onProgress } as never)) as unknown as [
    { ms: number; heuristicMs: number; changes: object },
  ];
  const changes = Object.entries(tuned.changes).map(([name, value]) => `${name} ${value}`);
  const text = changes.length
    ? `${changes.join(", ")}: ${tuned.ms.toFixed(4)} ms instead of ${tuned.heuristicMs.toFixed(4)}`
    : `the heuristics' plan is the fastest: ${tuned.ms.toFixed(4)} ms`;
  return { text, json: JSON.stringify(await exportTuning(context), null, 2) };
}
