// A gate multiplies by the activation of its values. The files of an activation are templates here:
// src/plan/gating.ts gives their functions names of the gate's own, in this file, too.
// Expects: epilogue/activation/*, vector/*.
override GATE_ALPHA = 1.0; // numbers of the activation
override GATE_BETA = 0.0;
override GATE_FIRST = false; // the gate comes before the norm

struct GateNumbers {
  slope: Vec,
}

fn gateFactor(z: Vec) -> Vec {
  return activation(z, GateNumbers(Vec(GATE_ALPHA)));
}
