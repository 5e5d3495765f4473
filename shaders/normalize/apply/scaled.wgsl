// The normalized x: x * factor.
// Expects: moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return x * k.factor;
}
