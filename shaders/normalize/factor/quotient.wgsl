// The factor is 1 / max(norm, eps), where max() alone might drop NaN. The pivot is the norm.
// Expects: loop/uniforms, reduce/magnitude/*, reduce/state, vector/*.
const SMALL_EPS = 9e-13f; // beside a larger eps, sums below the least do not matter

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let norm = rootOf(m.m2) / scale;
  let factor = 1.0 / nanOrPerGroup(norm, max(norm, PerGroup(params.eps)));
  return makeNormalizer(Vec(norm), Vec(0.0), Vec(factor));
}
