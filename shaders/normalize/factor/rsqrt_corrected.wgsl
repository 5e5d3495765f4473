// The factor is 1 / sqrt(variance + eps), with a correction subtracted from the number of elements.
// The square of the scale times eps must be in range.
// Expects: loop/uniforms, reduce/state, vector/*.
const SMALL_EPS = 1e-22f; // beside a larger eps, sums below the least do not matter

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let eps = keptPerGroup(params.eps * scale) * scale;
  let variance = m.m2 / max(m.n - params.correction, PerGroup(0.0));
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(scale * inverseSqrt(variance + eps)));
}
