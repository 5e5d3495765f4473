// The normalized x is rounded to f16 before the weight, as transformers' models do. Below 2^-14 an
// addition of 0.5 rounds to steps of 2^-24, as subnormal f16 have them.
// Expects: loop/uniforms, vector/*.
fn castNormalized(u: Vec) -> Vec {
  let a = bitcast<VecBits>(u) & VecBits(0x7fffffffu);
  let most = min(a, VecBits(0x47800000u)); // 2^16, whose bits stand for infinity
  let rounded = (most + 0xfffu + ((most >> VecBits(13u)) & VecBits(1u))) & VecBits(0xffffe000u);
  let finite = select(rounded, VecBits(0x7f800000u), rounded >= VecBits(0x47800000u));
  let small = bitcast<VecBits>(kept(bitcast<Vec>(most) + 0.5) - 0.5);
  let magnitude = select(finite, small, a < VecBits(0x38800000u));
  let sign = bitcast<VecBits>(u) & VecBits(0x80000000u);
  return nanOr(u, bitcast<Vec>(sign | magnitude));
}
