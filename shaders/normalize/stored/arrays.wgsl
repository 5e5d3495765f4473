// The normalizer comes from the statistics arrays of an earlier pass.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor storedStatistics.
fn normalizerAt(at: u32) -> Normalizer {
  var delta = Vec(0.0);
  if (params.givenDelta != NONE) {
    delta = load_storedStatistics(params.givenDelta + at);
  }
  return withRenorm(makeNormalizer(load_storedStatistics(params.givenMean + at), delta, load_storedStatistics(params.givenFactor + at)), at);
}
