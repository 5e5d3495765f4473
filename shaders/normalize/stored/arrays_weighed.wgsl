// The normalizer comes from the statistics arrays of an earlier pass, and so does the weight of the
// group.
// Expects: loop/uniforms, normalize/renorm/*, mask/rules, reduce/state, vector/*,
//   tensor storedStatistics.
fn normalizerAt(at: u32) -> Normalizer {
  groupWeight = load_storedStatistics(params.givenCount + at);
  var delta = Vec(0.0);
  if (params.givenDelta != NONE) {
    delta = load_storedStatistics(params.givenDelta + at);
  }
  return withRenorm(makeNormalizer(load_storedStatistics(params.givenMean + at), delta, load_storedStatistics(params.givenFactor + at)), at);
}
