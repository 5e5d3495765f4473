// Means and variances of other data: running ones, or moments.
// Expects: params, a stat/*, moments, ports mean, spread.
fn normalizerAt(at: u32) -> Normalizer {
  let variance = load_variance(params.givenFactor + at);
  return withRenorm(makeNormalizer(load_mean(params.givenMean + at), Vec(0.0), inverseSqrt(variance + params.eps)), at);
}
