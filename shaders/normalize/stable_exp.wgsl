// Expects: vector/*.

// The argument is at most 0. NaN is selected explicitly, because exp(NaN) is infinity on
// SwiftShader.
fn stableExp(t: Vec) -> Vec {
  return select(t, exp(t), t <= Vec(0.0));
}
