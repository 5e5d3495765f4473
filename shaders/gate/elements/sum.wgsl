// An element is the sum itself.
// Expects: gate/sum, loop/operands, vector/*.
fn elementAt(at: Offsets) -> Vec {
  return sumAt(at);
}

fn ungated(v: Vec, at: Offsets) -> Vec {
  return v;
}
