// Batch renormalization's factor and summand, as its forward saved them.
// Expects: params, moments, ports r, d.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  return Normalizer(
    k.pivot, k.delta, k.factor, load_r(params.renormSecond + at), load_d(params.renormFirst + at),
  );
}
