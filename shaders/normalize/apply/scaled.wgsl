// The normalized x is x * factor.
// Expects: reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return x * k.factor;
}
