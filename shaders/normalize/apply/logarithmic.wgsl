// The normalized x is (x - pivot) - factor.
// Expects: reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return (x - k.pivot) - k.factor;
}
