// The gain is the gradient that arrives at a variance, and the offset that at a mean times an
// element's share of the mean.
// Expects: loop/uniforms, reduce/state, tensor dMean, tensor dVariance.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  let gain = load_dVariance(params.renormSecond + at);
  let offset = k.offset * load_dMean(params.renormFirst + at);
  return Normalizer(k.pivot, k.delta, k.factor, gain, offset);
}
