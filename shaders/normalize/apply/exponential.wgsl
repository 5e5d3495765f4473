// The normalized x is exp(x - pivot) * factor.
// Expects: normalize/stable_exp, reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return stableExp(x - k.pivot) * k.factor;
}
