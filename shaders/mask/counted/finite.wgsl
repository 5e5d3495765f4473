// Elements that are not finite do not count, whatever their mask says.
// Expects: loop/operands, vector/*, tensor x.
fn counted(weight: Vec, at: Offsets) -> Vec {
  let size = bitcast<VecBits>(load_x(at.x)) & VecBits(0x7fffffffu);
  return select(Vec(0.0), weight, size < VecBits(0x7f800000u));
}
