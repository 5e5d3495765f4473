// What is summed for the gradients of bias and weight. Statistics lie anywhere beside the elements.
// Expects: source/elements, a known/*, a form/*, incoming.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let g = gradAffine(at, u, p);
  return Summands(g, g * u);
}
