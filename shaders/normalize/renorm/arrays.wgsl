// Batch renormalization's factor and summand, as an earlier pass left them.
// Expects: loop/uniforms, reduce/state, tensor storedStatistics.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  let gain = load_storedStatistics(params.givenGain + at);
  return Normalizer(k.pivot, k.delta, k.factor, gain, load_storedStatistics(params.givenOffset + at));
}
