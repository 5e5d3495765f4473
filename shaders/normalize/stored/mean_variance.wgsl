// Means and variances of other data: running ones, or moments.
// Expects: params, a stat/*, moments, ports mean, spread.
fn knownAt(at: u32) -> Known {
  let variance = load_spread(params.givenSpread + at);
  return completed(known3(load_mean(params.givenMean + at), Wide(0.0), inverseSqrt(variance + params.eps)), at);
}
