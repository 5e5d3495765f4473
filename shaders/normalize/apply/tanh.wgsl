// The normalized x of dynamic tanh: tanh(factor x).
// Expects: hyperbolic, moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return stableTanh(k.factor * x);
}
