// What an earlier pass left in planes of one buffer.
// Expects: params, walk, a stat/*, moments, tensor storedStatistics.
fn normalizerAt(at: u32) -> Normalizer {
  var delta = Vec(0.0);
  if (params.givenDelta != NONE) {
    delta = load_storedStatistics(params.givenDelta + at);
  }
  return withRenorm(makeNormalizer(load_storedStatistics(params.givenMean + at), delta, load_storedStatistics(params.givenFactor + at)), at);
}
