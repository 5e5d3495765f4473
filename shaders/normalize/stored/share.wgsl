// The factor is an element's share of a mean, 1 / n.
// Expects: loop/uniforms, reduce/state, vector/*.
fn normalizerAt(at: u32) -> Normalizer {
  return makeNormalizer(Vec(0.0), Vec(0.0), Vec(1.0 / params.count));
}
