// What is summed for the gradients of scale and shift.
// Expects: source/elements, a known/*, a form/*, incoming.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let u = normalized(value(at), knownAt(at.stat));
  let g = atModulated(at, u, p);
  return Terms(g * weighted(u, p), g);
}
