// The factor is the logarithm of the sum. For a sum of 0 it is -infinity, so that a group of
// -infinity alone gives NaN. log(NaN) is not reliable, so NaN is selected explicitly.
// Expects: reduce/state, vector/*.
const SMALL_EPS = 0.0f; // no sum is too small

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let ofNothing = select(m.m2, -1.0 / m.m2, m.m2 == PerGroup(0.0));
  let logarithm = select(ofNothing, log(m.m2), m.m2 > PerGroup(0.0));
  return makeNormalizer(Vec(m.pivot), Vec(0.0), Vec(logarithm));
}
