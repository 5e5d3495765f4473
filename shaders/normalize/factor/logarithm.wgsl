// The logarithm of a sum; of 0 -infinity, so that nothing but -infinity gives NaN; log(NaN) is not to be
// relied on.
// Expects: reduce/state, vector/*.
fn normalizerFrom(m: Moments) -> Normalizer {
  let ofNothing = select(m.m2, -1.0 / m.m2, m.m2 == PerGroup(0.0));
  let logarithm = select(ofNothing, log(m.m2), m.m2 > PerGroup(0.0));
  return makeNormalizer(Vec(m.pivot), Vec(0.0), Vec(logarithm));
}
