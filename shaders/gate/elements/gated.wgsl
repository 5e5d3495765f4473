// An element is the sum times the gate, which comes before the norm. The sum is read once more where
// it is wanted as well, since the element is what a team keeps.
// Expects: gate/factor, gate/sum, loop/operands, vector/*, tensor gate.
fn elementAt(at: Offsets) -> Vec {
  return sumAt(at) * gateFactor(load_gate(at.gate));
}

fn ungated(v: Vec, at: Offsets) -> Vec {
  return sumAt(at);
}
