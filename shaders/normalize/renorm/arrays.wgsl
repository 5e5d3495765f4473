// Gain and offset of batch renormalization come from the statistics arrays of an earlier pass.
// Expects: loop/uniforms, reduce/state, tensor storedStatistics.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  let gain = load_storedStatistics(params.givenGain + at);
  return Normalizer(k.pivot, k.delta, k.factor, gain, load_storedStatistics(params.givenOffset + at));
}
