// This page runs the benchmark: all libraries on one adapter. Its query has the options; it leaves
// its report in globalThis.benchReport.

import { measureAccuracy } from "../accuracy";
import { context, openContext } from "../libraries/context";
import { copy, driverCopy } from "../libraries/copies";
import { ours } from "../libraries/ours";
import type { Library } from "../library";
import { measure } from "../measure";
import { measureOverhead } from "../overhead";
import type { Report, Row } from "../report";
import { PACE, paceOf } from "../timing";
import { matching, titleOf } from "../workloads";

/** The part of a report that only the page knows. */
export type PageReport = Pick<
  Report,
  "adapter" | "software" | "libraries" | "rows" | "overhead" | "accuracy" | "error"
>;

function say(text: string): void {
  const line = document.createElement("li");
  line.textContent = text;
  document.body.append(line);
}

/** Peers are files of their own beside this one, since their packages may not be installed. */
async function peer(id: string): Promise<Library> {
  const url = new URL(`${id}.js`, location.href);
  const { open } = (await import(/* @vite-ignore */ url.href)) as { open: () => Promise<Library> };
  return open();
}

async function main(): Promise<PageReport> {
  const query = new URLSearchParams(location.search);
  const ids = query.get("peers")?.split(",").filter(Boolean) ?? [];
  const pace = paceOf(Number(query.get("rounds") ?? PACE.rounds));
  const { device, profile } = await openContext();
  const lost = device.lost.then(({ message }) => Promise.reject(new Error(`device: ${message}`)));
  const libraries = [ours, copy, driverCopy];
  for (const id of ids) libraries.push(await peer(id));

  const rows: Row[] = [];
  const facts = {
    adapter: profile.name,
    software: profile.software,
    libraries: libraries.map(({ id, name, version }) => ({ id, name, version })),
    rows,
  };
  try {
    if (query.has("accuracy")) {
      const able = libraries.filter((one) => one !== copy && one !== driverCopy);
      return { ...facts, accuracy: await Promise.race([measureAccuracy(able, say), lost]) };
    }
    for (const workload of matching(query.get("workload") ?? "")) {
      say(titleOf(workload));
      const able = workload.oursAlone ? libraries.slice(0, 3) : libraries;
      rows.push(await Promise.race([measure(workload, able, pace, say), lost]));
    }
    await context().sync();
    say("CPU time of an operation");
    return { ...facts, overhead: await measureOverhead(context()) };
  } catch (error) {
    return { ...facts, error: String(error) };
  }
}

main()
  .catch((error) => ({ rows: [], libraries: [], error: String(error) }))
  .then((report) => Object.assign(globalThis, { benchReport: report }));
