// This file plans the gradient of a reduction. It has the form of a norm, whose planner plans it
// with other tensors behind its arrays; the result is dx.

import { planForward } from "./forward";
import { withTensors } from "./pass";
import type { Planner } from "./plan";
import type { InPlace } from "./problem";

/** Returns the operands that dx overwrites as those that y overwrites in a norm's shaders. */
const ofNorm = (inPlace: InPlace): InPlace =>
  Object.fromEntries(Object.entries(inPlace).map(([operand]) => [operand, "y"]));

/** Makes a planner of the tensors behind the arrays beside dx. */
export const planReductionGradient =
  (tensors: Readonly<Record<string, string>>): Planner =>
  (problem, profile, overrides) => {
    const norm = { ...problem, inPlace: ofNorm(problem.inPlace) };
    const plan = planForward(norm, profile, overrides);
    const named = { ...tensors, y: "dx" };
    return { ...plan, passes: plan.passes.map((pass) => withTensors(pass, named)) };
  };
