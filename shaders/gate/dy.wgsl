// The gradient arrives at the skip, whose gate it passes, and then at the gate behind the norm.
// Expects: gate/factor, gate/reached, loop/operands, vector/*, tensor dy, tensor gate,
//   tensor skipGate.
fn gradientBehindSkip(at: Offsets) -> Vec {
  var dy = load_dy(at.dy);
  if (has_skipGate) {
    dy *= load_skipGate(at.skipGate);
  }
  return dy;
}

fn gradientAt(at: Offsets) -> Vec {
  var g = gradientBehindSkip(at);
  if (has_gate && !GATE_FIRST) {
    g *= gateFactor(load_gate(at.gate));
  }
  return reached(g, at);
}
