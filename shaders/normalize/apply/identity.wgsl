// The normalized x is x itself.
// Expects: reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return x;
}
