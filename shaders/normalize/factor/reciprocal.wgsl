// The factor is 1 / sum.
// Expects: reduce/state, vector/*.
const SMALL_EPS = 0.0f; // no sum is too small

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  return makeNormalizer(Vec(m.pivot), Vec(0.0), Vec(1.0 / m.m2));
}
