// Mean and variance come from other data: running statistics or moments.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor mean, tensor variance.
fn normalizerAt(at: u32) -> Normalizer {
  let variance = load_variance(params.givenFactor + at);
  return withRenorm(makeNormalizer(load_mean(params.givenMean + at), Vec(0.0), inverseSqrt(variance + params.eps)), at);
}
