// What is summed for the gradients of bias and weight, and dx on the way. Statistics and totals lie anywhere beside the
// elements; dx is where the gradient of a sum with a residual would come from.
// Expects: source/elements, a known/*, totals/at, a form/*, incoming, a gradient/*, port dSum.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let x = value(at);
  let own = knownAt(at.stat);
  let u = normalized(x, own);
  let g = atAffine(at, u, p);
  store_dSum(at.dSum, outgoing(throughWeight(g, p), u, x, own, totalsAt(at.stat)));
  return Terms(g, g * u);
}
