// What is summed for the gradients of bias and weight, and dx on the way. Statistics and totals lie anywhere beside the
// elements; dx is where the gradient of a sum with a residual would come from.
// Expects: source/elements, a known/*, totals/at, a form/*, incoming, a gradient/*, port dSum.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let own = normalizerAt(at.statistics);
  let u = applyNormalizer(x, own);
  let g = gradAffine(at, u, p);
  store_dx(at.y, inputGradient(timesWeight(g, p), u, x, own, storedSumsAt(at.statistics)));
  return Summands(g, g * u);
}
