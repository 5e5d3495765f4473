// These summands give the gradient of the factor in tanh(factor x).
// Expects: backward/chain, backward/dy/*, epilogue/affine, io/elements, loop/operands,
//   normalize/apply/*, normalize/stable_tanh_slope, normalize/stored/*, reduce/state, vector/*.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let own = normalizerAt(at.statistics);
  let g = gradNormalized(gradientAt(at), applyNormalizer(x, own), p);
  return Summands(g * x * stableTanhSlope(own.factor * x), Vec(0.0));
}
