// The factor inside the hyperbolic tangent comes from the caller.
// Expects: loop/uniforms, normalize/renorm/*, reduce/state, vector/*, tensor alpha.
fn normalizerAt(at: u32) -> Normalizer {
  let alpha = load_alpha(params.givenFactor + at);
  return withRenorm(makeNormalizer(Vec(0.0), Vec(0.0), alpha), at);
}
