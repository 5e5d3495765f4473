// Plans for what depends on a window along one axis, the reduced one: elements one by one, no statistics.

import * as files from "../wgsl/files";
import { input, output } from "./bindings";
import type { Profile } from "./device_profile";
import { elements, walking } from "./fragments";
import { type Force, shareApply } from "./heuristics";
import { prefersColumns } from "./loop_nest";
import { lay, making, nothing, type Plan, passOf, planesFor, planOf, traffic } from "./pass";
import type { Problem } from "./problem";

export function planWindow(problem: Problem, profile: Profile, force: Force = {}): Plan {
  const m = making(problem, profile, force);
  const planes = planesFor(m, []);
  const { window, layouts } = problem;
  if (m.groups * m.count === 0 || window === undefined) return planOf(m, nothing(planes));
  const [before, after] = [window.before, window.after].map((n) => Math.min(n, m.count));
  const plain = lay(m, ["x", "y"], ["dy", "dSum"]);
  const at = Object.entries(plain.at).map(([name, place]) => {
    return [name, name === "x" || name === "dSum" ? { ...place, halo: { before, after } } : place];
  });
  const laid = { ...plain, at: Object.fromEntries(at) };
  // packs lie across the window, never along it
  const across = force.columns ?? prefersColumns(laid.dims);
  const sharing = shareApply(profile, laid, across ? force : { ...force, width: 1 });
  const { walk } = sharing;
  const modules = [
    ...walking(sharing),
    ...elements(m, sharing),
    files.statisticsNone,
    files.lrnWindow,
    window.write,
    input("dy", walk, layouts, m.native),
    input("dSum", walk, layouts, m.native),
    output("y", walk, layouts, m.native),
    files.kernelNormalize,
  ];
  const whole = { windowBefore: window.before, windowAfter: window.after };
  const real = { alpha: window.alpha };
  const bytes = traffic(laid, layouts);
  const passes = [passOf(m, "apply", sharing, modules, { whole, real, bytes })];
  return planOf(m, {
    schedule: "apply",
    passes,
    planes: planes[0],
    statisticsSize: 0,
    scratch: {},
  });
}
