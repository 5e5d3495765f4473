// The gradient at x goes through the normalization and its statistics, with the weights of
// elements.
// Expects: loop/operands, mask/through, mask/weight/*, reduce/state, vector/*, tensor dSum,
//   tensor dy.
fn throughNorm(at: Offsets, g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return throughMask(g, u, x, k, s, maskAt(at), load_dy(at.dy)) + load_dSum(at.dSum);
}
