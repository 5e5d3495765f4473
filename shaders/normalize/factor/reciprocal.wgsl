// The factor is 1 / sum.
// Expects: reduce/state, vector/*.
fn normalizerFrom(m: Moments) -> Normalizer {
  return makeNormalizer(Vec(m.pivot), Vec(0.0), Vec(1.0 / m.m2));
}
