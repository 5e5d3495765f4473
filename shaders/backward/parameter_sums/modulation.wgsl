// What is summed for the gradients of scale and shift.
// Expects: source/elements, a known/*, a form/*, incoming.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let g = gradModulated(at, u, p);
  return Summands(g * applyThreshold(u, p), g);
}
