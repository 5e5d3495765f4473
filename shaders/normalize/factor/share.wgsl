// The factor is an element's share of a mean, 1 / n.
// Expects: reduce/state, vector/*.
const SMALL_EPS = 0.0f; // the sum is not used

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  return makeNormalizer(Vec(0.0), Vec(0.0), Vec(1.0 / m.n));
}
