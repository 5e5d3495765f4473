// The factor is 1 / sqrt(variance + eps).
// Expects: loop/uniforms, reduce/state, vector/*.
fn normalizerFrom(m: Moments) -> Normalizer {
  let factor = inverseSqrt(m.m2 / m.n + params.eps);
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(factor));
}
