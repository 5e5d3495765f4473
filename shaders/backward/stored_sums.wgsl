// An earlier pass has left these sums in statistics arrays.
// Expects: loop/uniforms, reduce/state, tensor storedStatistics.
fn storedSumsAt(at: u32) -> Summands {
  return Summands(load_storedStatistics(params.firstBase + at), load_storedStatistics(params.secondBase + at));
}
