// The result of an element is the epilogue of its normalized value, times a gate, or what a masked
// element becomes; then a gate of the skip multiplies it, and the skip is added.
// Expects: epilogue/affine, epilogue/parameters/*, gate/elements/*, gate/factor, loop/operands,
//   loop/uniforms, mask/rules, mask/weight/*, normalize/apply/*, reduce/state, vector/*, tensor gate,
//   tensor skip, tensor skipGate.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  let u = select(applyNormalizer(v, k), Vec(0.0), groupWeight == Vec(0.0));
  var y = epilogue(u, parametersWithin(ofLoop, at));
  if (has_gate && !GATE_FIRST) {
    y *= gateFactor(load_gate(at.gate));
  }
  if (FILL < FILL_APPLIES) {
    let other = select(Vec(params.fill), ungated(v, at), FILL == FILL_KEEPS);
    y = select(other, y, maskAt(at) > Vec(0.0));
  }
  if (has_skipGate) {
    y *= load_skipGate(at.skipGate);
  }
  if (FILL == FILL_IS_FINITE) {
    let finite = (bitcast<VecBits>(y) & VecBits(0x7f800000u)) < VecBits(0x7f800000u);
    y = select(Vec(0.0), y, finite | (maskAt(at) > Vec(0.0)));
  }
  if (has_skip) {
    y += load_skip(at.skip);
  }
  return y;
}
