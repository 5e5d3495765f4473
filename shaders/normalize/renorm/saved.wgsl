// Gain and offset of batch renormalization are r and d, which its forward saved.
// Expects: loop/uniforms, reduce/state, tensor d, tensor r.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  return Normalizer(
    k.pivot, k.delta, k.factor, load_r(params.renormSecond + at), load_d(params.renormFirst + at),
  );
}
