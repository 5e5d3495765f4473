// A tab is one rank, on a BroadcastChannel, which all tabs of an origin hear: tab.html?rank=R.

import { createContext } from "webgpu-norm";
import { channelGroup } from "webgpu-norm/channel";
import { train } from "./network.js";

const query = new URLSearchParams(location.search);
const [rank, size] = [Number(query.get("rank")), Number(query.get("size") ?? 4)];
const steps = Number(query.get("steps") ?? 60);
const timeout = Number(query.get("timeout") ?? 60_000);
const state = /** @type {HTMLElement} */ (document.querySelector("#state"));
document.title = `rank ${rank}`;

/** @type {string[]} */
const lines = [];
const context = await createContext();
const channel = new BroadcastChannel("sync-batch-norm");
const leaving = new AbortController();
addEventListener("pagehide", () => leaving.abort(new Error("its tab is closed")));
try {
  const group = channelGroup({ channel, rank, size, signal: leaving.signal });
  for await (const loss of train(context, group, { steps, timeout })) {
    lines.push(String(loss));
    state.textContent = `step ${lines.length}: loss ${loss}`;
  }
} catch (error) {
  lines.push(`rank ${rank}: ${/** @type {Error} */ (error).message}`);
  state.textContent = lines.at(-1) ?? "";
}
Object.assign(globalThis, { lines, done: true });
