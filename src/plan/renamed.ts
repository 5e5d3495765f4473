// An operation may have the form of another one, under other names. Its planner is that of the other
// with these tensors behind the arrays.

import { planForward } from "./forward";
import { withTensors } from "./pass";
import type { Planner } from "./plan";
import type { InPlace } from "./problem";

type Tensors = Readonly<Record<string, string>>;

/** Makes a planner whose passes find these tensors behind their arrays. */
export const withNames =
  (plan: Planner, tensors: Tensors): Planner =>
  (problem, profile, overrides) => {
    const made = plan(problem, profile, overrides);
    return { ...made, passes: made.passes.map((pass) => withTensors(pass, tensors)) };
  };

/** Returns the operands that dx overwrites as those that y overwrites in a norm's shaders. */
const ofNorm = (inPlace: InPlace): InPlace =>
  Object.fromEntries(Object.entries(inPlace).map(([operand]) => [operand, "y"]));

/** Makes a planner of the gradient of a reduction, which has the form of a norm with the result dx. */
export const planReductionGradient = (tensors: Tensors): Planner =>
  withNames(
    (problem, ...others) =>
      planForward({ ...problem, inPlace: ofNorm(problem.inPlace) }, ...others),
    { ...tensors, y: "dx" },
  );
