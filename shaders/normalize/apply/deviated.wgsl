// The normalized x: ((x - pivot) - delta) / (deviation + eps).
// Expects: params, moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * (1.0 / (k.factor + params.eps));
}
