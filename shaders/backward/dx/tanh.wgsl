// Gradient through tanh(factor x), where the factor is given.
// Expects: normalize/stable_tanh_slope, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return g * k.factor * stableTanhSlope(k.factor * x);
}
