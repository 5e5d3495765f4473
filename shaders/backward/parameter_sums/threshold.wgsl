// These summands give the gradient of the threshold.
// Expects: backward/chain, epilogue/affine, io/elements, loop/operands, normalize/apply/*,
//   normalize/stored/*, reduce/state, vector/*, tensor dy.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let g = gradThresholded(load_dy(at.dy), u, p);
  return Summands(select(Vec(0.0), g, applyAffine(u, p) < p.threshold), Vec(0.0));
}
