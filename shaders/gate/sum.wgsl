// The sum is that of a residual and x, with the bias of the residual, times a gate.
// Expects: loop/operands, vector/*, tensor residual, tensor residualBias, tensor residualGate,
//   tensor x.
fn sumAt(at: Offsets) -> Vec {
  var v = load_x(at.x);
  if (has_residualBias) {
    v += load_residualBias(at.residualBias);
  }
  if (has_residualGate) {
    v *= load_residualGate(at.residualGate);
  }
  if (has_residual) {
    v += load_residual(at.residual);
  }
  return v;
}
