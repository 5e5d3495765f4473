// What is normalized: x, or its sum with a residual and that one's bias.
// Expects: walk, a stat/*, ports x, residual, residualBias.
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
