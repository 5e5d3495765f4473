// Gradient through tanh(factor x), where the factor is given.
// Expects: hyperbolic, moments.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return g * k.factor * stableTanhSlope(k.factor * x);
}
