// The normalized x: ((x - pivot) - delta) * factor.
// Expects: moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * k.factor;
}
