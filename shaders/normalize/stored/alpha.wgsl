// The factor inside a bend comes from the caller, and so does a pivot, where there is one.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor alpha, tensor mean.
fn normalizerAt(at: u32) -> Normalizer {
  var pivot = Vec(0.0);
  if (has_mean) {
    pivot = load_mean(params.givenMean + at);
  }
  return withRenorm(makeNormalizer(pivot, Vec(0.0), load_alpha(params.givenFactor + at)), at);
}
