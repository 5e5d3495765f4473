// The factor is 1 / max(norm, eps), written with select() because max() may drop NaN. The pivot is
// the norm.
// Expects: loop/uniforms, reduce/magnitude/*, reduce/state, vector/*.
fn normalizerFrom(m: Moments) -> Normalizer {
  let norm = normFrom(m.m2);
  let factor = 1.0 / select(norm, PerGroup(params.eps), norm < PerGroup(params.eps));
  return makeNormalizer(Vec(norm), Vec(0.0), Vec(factor));
}
