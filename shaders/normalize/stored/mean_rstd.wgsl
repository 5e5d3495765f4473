// What the caller has saved: means, where the statistic has any, and factors.
// Expects: params, a stat/*, moments, ports mean, spread.
fn knownAt(at: u32) -> Known {
  var mean = Wide(0.0);
  if (has_mean) {
    mean = load_mean(params.givenMean + at);
  }
  return completed(known3(mean, Wide(0.0), load_spread(params.givenSpread + at)), at);
}
