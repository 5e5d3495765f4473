// The factor is 1 / (mean magnitude + eps).
// Expects: loop/uniforms, reduce/state, vector/*.
const SMALL_EPS = 0.0f; // no sum is too small

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let mean = m.m2 / m.n / scale;
  return makeNormalizer(Vec(mean), Vec(0.0), Vec(1.0 / (mean + params.eps)));
}
