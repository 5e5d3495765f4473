// The normalized x: ((x - pivot) - delta) / (deviation + eps).
// Expects: params, moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return ((x - k.pivot) - k.delta) * (1.0 / (k.factor + params.eps));
}
