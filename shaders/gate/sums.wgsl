// These summands give the gradients of a gate and of the bias of what it multiplies. A masked element
// counts where the gate reaches it, unless its value is not finite there.
// Expects: epilogue/parameters/*, gate/factor, gate/slope, loop/operands, mask/rules, mask/weight/*,
//   reduce/source/*, reduce/state, vector/*, tensor dy, tensor gate, tensor skipGate.
fn reached(summand: Vec, at: Offsets) -> Vec {
  let finite = (bitcast<VecBits>(summand) & VecBits(0x7f800000u)) < VecBits(0x7f800000u);
  let valid = maskAt(at) > Vec(0.0);
  return select(Vec(0.0), summand, select(valid, valid | finite, FILL == FILL_IS_FINITE));
}

fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  var dy = load_dy(at.dy);
  if (has_skipGate) {
    dy *= load_skipGate(at.skipGate);
  }
  if (!has_gate) {
    return Summands(Vec(0.0), reached(dy, at));
  }
  let z = load_gate(at.gate);
  return Summands(reached(dy * elementAt(at) * gateSlope(z), at), reached(dy * gateFactor(z), at));
}
