// The gradient arrives at y.
// Expects: loop/operands, vector/*, tensor dy.
fn gradientAt(at: Offsets) -> Vec {
  return load_dy(at.dy);
}
