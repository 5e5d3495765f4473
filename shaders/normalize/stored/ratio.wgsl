// The factor of y: a quotient of two given arrays; 0 by anything is 0.
// Expects: params, a stat/*, moments, ports mean, spread.
fn normalizerAt(at: u32) -> Normalizer {
  let over = load_mean(params.givenMean + at);
  let under = load_spread(params.givenSpread + at);
  let factor = select(over / under, Vec(0.0), under == Vec(0.0));
  return withRenorm(makeNormalizer(Vec(0.0), Vec(0.0), factor), at);
}
