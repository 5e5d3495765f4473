// These summands give the gradients of bias and weight, and each element also writes its dx.
// Statistics and dx sums are operands here and may change from element to element. dx is written
// through the `dSum` binding, which this pass does not otherwise use.
// Expects: backward/chain, backward/dx/*, backward/stored_sums, epilogue/affine, io/elements,
//   loop/operands, normalize/apply/*, normalize/stored/*, reduce/state, tensor dx, tensor dy.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let own = normalizerAt(at.statistics);
  let u = applyNormalizer(x, own);
  let g = gradAffine(load_dy(at.dy), u, p);
  store_dx(at.y, inputGradient(timesWeight(g, p), u, x, own, storedSumsAt(at.statistics)));
  return Summands(g, g * u);
}
