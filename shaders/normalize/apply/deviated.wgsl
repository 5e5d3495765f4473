// The normalized x is ((x - pivot) - delta) / (deviation + eps), with the deviation as the factor.
// Expects: loop/uniforms, reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * (1.0 / (k.factor + params.eps));
}
