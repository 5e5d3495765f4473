// The slope is the derivative of a gate's activation.
// Expects: backward/activation_slope/*, gate/factor, vector/*.
fn gateSlope(z: Vec) -> Vec {
  return activationSlope(z, GateNumbers(Vec(GATE_ALPHA)));
}
