// The factor is a quotient of two given arrays. A denominator of 0 gives 0.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor denominator,
//   tensor numerator.
fn normalizerAt(at: u32) -> Normalizer {
  let numerator = load_numerator(params.givenMean + at);
  let denominator = load_denominator(params.givenFactor + at);
  let factor = select(numerator / denominator, Vec(0.0), denominator == Vec(0.0));
  return withRenorm(makeNormalizer(Vec(0.0), Vec(0.0), factor), at);
}
