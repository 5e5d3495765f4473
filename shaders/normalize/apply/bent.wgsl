// The normalized x of dynamic tanh and erf is bend(factor x + pivot).
// Expects: normalize/bend/*, reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return bend(k.factor * x + k.pivot);
}
