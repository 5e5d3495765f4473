// The caller has saved rstd and, where the statistic has one, the mean, or pivots and deltas.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor mean, tensor rstd.
fn normalizerAt(at: u32) -> Normalizer {
  var mean = Vec(0.0);
  if (has_mean) {
    mean = load_mean(params.givenMean + at);
  }
  var delta = Vec(0.0);
  if (params.givenDelta != NONE) {
    delta = load_mean(params.givenDelta + at);
  }
  return withRenorm(makeNormalizer(mean, delta, load_rstd(params.givenFactor + at)), at);
}
