// The normalized x: (x - pivot) - factor.
// Expects: moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return (x - k.pivot) - k.factor;
}
