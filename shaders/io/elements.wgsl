// An element is x, or the sum of x, a residual and the bias of the residual.
// Expects: loop/operands, vector/*, tensor residual, tensor residualBias, tensor x.
fn elementAt(at: Offsets) -> Vec {
  var v = load_x(at.x);
  if (has_residual) {
    v += load_residual(at.residual);
  }
  if (has_residualBias) {
    v += load_residualBias(at.residualBias);
  }
  return v;
}
