// These summands give the two dx sums.
// Expects: backward/chain, backward/dx_sums/*, epilogue/affine, io/elements, loop/operands,
//   normalize/apply/*, reduce/state, tensor dy.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let u = applyNormalizer(x, k);
  return dxSummands(gradNormalized(load_dy(at.dy), u, p), u, x, k);
}
