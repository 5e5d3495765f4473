// Expects: vector/*.

// Of what is at most 0. NaN stays NaN: exp(NaN) is infinity on SwiftShader.
fn stableExp(t: Vec) -> Vec {
  return select(t, exp(t), t <= Vec(0.0));
}
