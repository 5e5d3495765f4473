// The caller's factor within a hyperbolic tangent.
// Expects: loop/uniforms, vector/*, reduce/state, normalize/renorm/*, tensor alpha
fn normalizerAt(at: u32) -> Normalizer {
  let alpha = load_alpha(params.givenFactor + at);
  return withRenorm(makeNormalizer(Vec(0.0), Vec(0.0), alpha), at);
}
