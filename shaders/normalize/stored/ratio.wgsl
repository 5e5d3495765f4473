// The factor of y: a quotient of two given arrays; 0 by anything is 0.
// Expects: params, a stat/*, moments, ports mean, spread.
fn normalizerAt(at: u32) -> Normalizer {
  let numerator = load_numerator(params.givenMean + at);
  let denominator = load_denominator(params.givenFactor + at);
  let factor = select(numerator / denominator, Vec(0.0), denominator == Vec(0.0));
  return withRenorm(makeNormalizer(Vec(0.0), Vec(0.0), factor), at);
}
