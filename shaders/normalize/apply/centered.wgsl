// The normalized x is ((x - pivot) - delta) * factor.
// Expects: reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * k.factor;
}
