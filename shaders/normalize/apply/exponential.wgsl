// The normalized x: exp(x - pivot) * factor.
// Expects: exponential, moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return stableExp(x - k.pivot) * k.factor;
}
