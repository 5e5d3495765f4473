// On the way back x is the sum, which a gate before the norm multiplies. A masked element is 0
// where its value does not matter, as in mask/elements.wgsl.
// Expects: gate/factor, gate/reached, loop/operands, vector/*, tensor gate, tensor x.
fn elementAt(at: Offsets) -> Vec {
  var v = load_x(at.x);
  if (has_gate && GATE_FIRST) {
    v *= gateFactor(load_gate(at.gate));
  }
  return reached(v, at);
}

fn ungated(v: Vec, at: Offsets) -> Vec {
  return load_x(at.x);
}
