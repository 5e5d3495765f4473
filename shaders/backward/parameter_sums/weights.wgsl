// These summands give the gradients of bias and weight. Statistics are an operand here and may
// change from element to element.
// Expects: backward/chain, backward/dy/*, epilogue/parameters/*, loop/operands, normalize/apply/*,
//   normalize/stored/*, reduce/source/*, reduce/state.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let g = gradAffine(gradientAt(at), u, p);
  return Summands(g, g * u);
}
