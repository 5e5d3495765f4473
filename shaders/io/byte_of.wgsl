// A value becomes a byte: the nearest whole number, ties to even, within 0 .. 255. NaN becomes 0.
// Expects: vector/*.
fn byteOf(value: Vec) -> VecBits {
  let nearest = clamp(round(value), Vec(0.0), Vec(255.0));
  let isNan = (bitcast<VecBits>(value) & VecBits(0x7fffffffu)) > VecBits(0x7f800000u);
  return VecBits(select(nearest, Vec(0.0), isNan));
}
