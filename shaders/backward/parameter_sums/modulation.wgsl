// These summands give the gradients of scale and shift.
// Expects: backward/chain, backward/dy/*, epilogue/affine, epilogue/parameters/*, loop/operands,
//   normalize/apply/*, normalize/stored/*, reduce/source/*, reduce/state.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let g = gradModulated(gradientAt(at), u, p);
  return Summands(g * applyThreshold(u, p), g);
}
