// The gradient goes through tanh(factor x) with a given factor.
// Expects: normalize/stable_tanh_slope, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return g * k.factor * stableTanhSlope(k.factor * x);
}
