// The factor of y: a quotient of two given arrays; 0 by anything is 0.
// Expects: params, a stat/*, moments, ports mean, spread.
fn knownAt(at: u32) -> Known {
  let over = load_mean(params.givenMean + at);
  let under = load_spread(params.givenSpread + at);
  let factor = select(over / under, Wide(0.0), under == Wide(0.0));
  return completed(known3(Wide(0.0), Wide(0.0), factor), at);
}
