// The normalized x of batch renormalization.
// Expects: moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * k.factor * k.gain + k.offset;
}
