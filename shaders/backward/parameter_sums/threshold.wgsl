// What is summed for the gradient of the threshold.
// Expects: source/elements, a known/*, a form/*, incoming.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let u = normalized(value(at), knownAt(at.stat));
  let g = atWeighted(at, u, p);
  return Terms(select(Wide(0.0), g, affine(u, p) < p.threshold), Wide(0.0));
}
