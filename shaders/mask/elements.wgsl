// An element is x, or its sum with a residual, as in io/elements.wgsl. On the way back a masked
// element is 0 where its value does not matter: NaN would spread over sums, as 0 * NaN is NaN.
// Expects: loop/operands, mask/rules, mask/weight/*, vector/*, tensor residual, tensor residualBias,
//   tensor x.
fn elementAt(at: Offsets) -> Vec {
  var v = load_x(at.x);
  if (has_residual) {
    v += load_residual(at.residual);
  }
  if (has_residualBias) {
    v += load_residualBias(at.residualBias);
  }
  let finite = (bitcast<VecBits>(v) & VecBits(0x7f800000u)) < VecBits(0x7f800000u);
  let valid = maskAt(at) > Vec(0.0);
  return select(Vec(0.0), v, select(valid, valid | finite, FILL == FILL_APPLIES));
}
