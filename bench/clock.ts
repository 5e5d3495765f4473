// This file chooses the clock for a device: timestamp queries where they can be trusted, or else
// the wall clock.

import type { Prepared } from "./library";
import { timestampClock } from "./timestamps";
import { type Clock, wallClock } from "./timing";

export interface NamedClock {
  readonly name: "timestamp queries" | "wall clock";
  readonly clock: Clock;
}

const WALL: NamedClock = { name: "wall clock", clock: wallClock };

const TRIAL_MS = 20;
const STEP_MS = 0.1; // browsers round timestamps to it

/** The clock for this device, tried on some work. */
export async function clockFor(device: GPUDevice, work: Prepared): Promise<NamedClock> {
  if (!device.features.has("timestamp-query")) return WALL;
  try {
    const clock = timestampClock(device);
    const right = await agreesWithWall(clock, work);
    return right ? { name: "timestamp queries", clock } : WALL;
  } catch {
    return WALL; // the queries exist but do not work
  }
}

/** Some drivers give zeros or other units; the GPU's part of the time is above 0 and below all of it. */
export async function agreesWithWall(clock: Clock, work: Prepared): Promise<boolean> {
  await wallClock(work, 1);
  const once = await wallClock(work, 1);
  const runs = Math.min(500, Math.ceil(TRIAL_MS / Math.max(once, 0.01)));
  const start = performance.now();
  const ms = await clock(work, runs);
  const wall = (performance.now() - start) / runs;
  return ms > 0 && ms <= wall + STEP_MS / runs;
}
