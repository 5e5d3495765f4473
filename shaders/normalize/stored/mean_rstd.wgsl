// The caller has saved rstd and, where the statistic has one, the mean.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor mean, tensor rstd.
fn normalizerAt(at: u32) -> Normalizer {
  var mean = Vec(0.0);
  if (has_mean) {
    mean = load_mean(params.givenMean + at);
  }
  return withRenorm(makeNormalizer(mean, Vec(0.0), load_rstd(params.givenFactor + at)), at);
}
