// What an earlier pass left in planes of one buffer.
// Expects: params, walk, a stat/*, moments, port planes.
fn knownAt(at: u32) -> Known {
  var delta = Wide(0.0);
  if (params.givenDelta != NONE) {
    delta = load_planes(params.givenDelta + at);
  }
  return completed(known3(load_planes(params.givenMean + at), delta, load_planes(params.givenSpread + at)), at);
}
