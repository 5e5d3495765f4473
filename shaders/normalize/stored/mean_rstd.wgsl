// What the caller has saved: means, where the statistic has any, and factors.
// Expects: params, a stat/*, moments, ports mean, spread.
fn normalizerAt(at: u32) -> Normalizer {
  var mean = Vec(0.0);
  if (has_mean) {
    mean = load_mean(params.givenMean + at);
  }
  return withRenorm(makeNormalizer(mean, Vec(0.0), load_rstd(params.givenFactor + at)), at);
}
