// The factor is 1 / (deviation + eps), with a correction subtracted from the number of elements.
// Expects: loop/uniforms, reduce/state, vector/*.
const SMALL_EPS = 9e-13f; // beside a larger eps, sums below the least do not matter

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let deviation = sqrt(m.m2 / max(m.n - params.correction, PerGroup(0.0))) / scale;
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(1.0 / (deviation + params.eps)));
}
