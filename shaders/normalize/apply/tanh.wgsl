// The normalized x of dynamic tanh is tanh(factor x).
// Expects: normalize/stable_tanh, reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return stableTanh(k.factor * x);
}
