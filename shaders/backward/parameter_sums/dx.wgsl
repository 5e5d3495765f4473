// These summands give the gradients of bias and weight, and each element also writes its dx.
// Statistics and dx sums are operands here and may change from element to element. This pass has
// no other gradient at x.
// Expects: backward/chain, backward/dy/*, backward/stored_sums, backward/through/*,
//   epilogue/parameters/*, loop/operands, normalize/apply/*, normalize/stored/*, reduce/source/*,
//   reduce/state, tensor dx.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let own = normalizerAt(at.statistics);
  let u = applyNormalizer(x, own);
  let g = gradAffine(gradientAt(at), u, p);
  store_dx(at.y, throughNorm(at, timesWeight(g, p), u, x, own, storedSumsAt(at.statistics)));
  return Summands(g, g * u);
}
