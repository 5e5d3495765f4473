// The normalized x is rounded to bf16 before the weight, as transformers' models do.
// Expects: vector/*.
fn castNormalized(u: Vec) -> Vec {
  let bits = bitcast<VecBits>(u);
  let rounded = bits + 0x7fffu + ((bits >> VecBits(16u)) & VecBits(1u));
  return nanOr(u, bitcast<Vec>(rounded & VecBits(0xffff0000u)));
}
