// The factor is 1 / (mean magnitude + eps).
// Expects: loop/uniforms, reduce/state, vector/*.
fn normalizerFrom(m: Moments) -> Normalizer {
  return makeNormalizer(Vec(m.m2 / m.n), Vec(0.0), Vec(1.0 / (m.m2 / m.n + params.eps)));
}
