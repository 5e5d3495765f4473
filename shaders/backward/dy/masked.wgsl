// The gradient at a masked element does not reach the normalized x, unless the norm applies to
// masked elements as well.
// Expects: loop/operands, mask/rules, mask/weight/*, vector/*, tensor dy.
fn gradientAt(at: Offsets) -> Vec {
  let dy = load_dy(at.dy);
  if (FILL == FILL_APPLIES) {
    return dy;
  }
  return select(Vec(0.0), dy, maskAt(at) > Vec(0.0));
}
