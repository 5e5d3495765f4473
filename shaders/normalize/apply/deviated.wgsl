// The normalized x: ((x - pivot) - delta) / (deviation + eps).
// Expects: loop/uniforms, reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * (1.0 / (k.factor + params.eps));
}
