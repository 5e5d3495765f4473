// Nothing is to be added to what is known.
// Expects: reduce/state.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  return k;
}
