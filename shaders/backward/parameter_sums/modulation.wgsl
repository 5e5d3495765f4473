// These summands give the gradients of scale and shift.
// Expects: backward/chain, epilogue/affine, io/elements, loop/operands, normalize/apply/*,
//   normalize/stored/*, reduce/state, tensor dy.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let g = gradModulated(load_dy(at.dy), u, p);
  return Summands(g * applyThreshold(u, p), g);
}
