// These summands give the gradients of bias and weight on the way back from a norm's result.
// Expects: backward/chain, epilogue/affine, epilogue/parameters/*, io/elements, loop/operands,
//   reduce/state, tensor dy.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = elementAt(at);
  let g = gradAffine(load_dy(at.dy), u, p) * p.weight;
  return Summands(-g, -g * applyAffine(u, p));
}
