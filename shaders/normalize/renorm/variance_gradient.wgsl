// The gain is the gradient that arrives at a variance, or at a deviation.
// Expects: loop/uniforms, reduce/state, vector/*, tensor dVariance.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  let gain = load_dVariance(params.renormSecond + at);
  return Normalizer(k.pivot, k.delta, k.factor, gain, Vec(0.0));
}
