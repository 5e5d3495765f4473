// What is summed for the gradients of bias and weight. Statistics lie anywhere beside the elements.
// Expects: source/elements, a known/*, a form/*, incoming.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let u = normalized(value(at), knownAt(at.stat));
  let g = atAffine(at, u, p);
  return Terms(g, g * u);
}
