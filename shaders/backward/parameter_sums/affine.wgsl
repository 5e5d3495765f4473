// These summands serve two merges where neither statistics nor weight change within a job: their
// sums are parts of the gradients of weight and bias and, times the weight, parts of the dx sums.
// Expects: backward/chain, backward/dy/*, epilogue/parameters/*, loop/operands, normalize/apply/*,
//   reduce/source/*, reduce/state.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), k);
  let g = gradAffine(gradientAt(at), u, p);
  return Summands(g, g * u);
}
