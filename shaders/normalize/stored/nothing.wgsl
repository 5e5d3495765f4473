// The pass needs no normalizer.
// Expects: reduce/state, vector/*.
fn normalizerAt(at: u32) -> Normalizer {
  return makeNormalizer(Vec(0.0), Vec(0.0), Vec(1.0));
}
