// These summands give the gradient of the threshold.
// Expects: backward/chain, backward/dy/*, epilogue/affine, epilogue/parameters/*, loop/operands,
//   normalize/apply/*, normalize/stored/*, reduce/source/*, reduce/state, vector/*.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let g = gradThresholded(gradientAt(at), u, p);
  return Summands(select(Vec(0.0), g, applyAffine(u, p) < p.threshold), Vec(0.0));
}
