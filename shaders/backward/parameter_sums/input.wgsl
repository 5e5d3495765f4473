// These summands give the two dx sums.
// Expects: backward/chain, backward/dx_sums/*, backward/dy/*, epilogue/parameters/*, loop/operands,
//   normalize/apply/*, reduce/source/*, reduce/state.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let u = applyNormalizer(x, k);
  return dxSummands(gradNormalized(gradientAt(at), u, p), u, x, k);
}
