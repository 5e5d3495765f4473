// The gradient goes through the logarithm of softmax: dx = g - exp(u) sum(g).
// Expects: normalize/stable_exp, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return g - stableExp(u) * s.first;
}
