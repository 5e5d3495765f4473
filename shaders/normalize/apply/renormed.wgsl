// The normalized x of batch renormalization is ((x - pivot) - delta) * factor * gain + offset.
// Expects: reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * k.factor * k.gain + k.offset;
}
