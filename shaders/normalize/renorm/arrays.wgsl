// Batch renormalization's factor and summand, as an earlier pass left them.
// Expects: params, moments, port planes.
fn completed(k: Known, at: u32) -> Known {
  let gain = load_planes(params.givenGain + at);
  return Known(k.pivot, k.delta, k.factor, gain, load_planes(params.givenOffset + at));
}
