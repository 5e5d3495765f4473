// Mean and variance come from other data: running statistics or moments, whose means may be pairs.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor mean, tensor variance.
fn normalizerAt(at: u32) -> Normalizer {
  let variance = load_variance(params.givenFactor + at);
  var delta = Vec(0.0);
  if (params.givenDelta != NONE) {
    delta = load_mean(params.givenDelta + at);
  }
  return withRenorm(makeNormalizer(load_mean(params.givenMean + at), delta, inverseSqrt(variance + params.eps)), at);
}
