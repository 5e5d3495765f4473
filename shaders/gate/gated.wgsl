// The normalized value has gone through the epilogue; then a gate multiplies it, or it is what a
// masked element becomes.
// Expects: epilogue/affine, epilogue/parameters/*, gate/elements/*, gate/factor, loop/operands,
//   loop/uniforms, mask/rules, mask/weight/*, normalize/apply/*, reduce/state, vector/*,
//   tensor gate.
fn normed(v: Vec, k: Normalizer, p: Parameters) -> Vec {
  return epilogue(select(applyNormalizer(v, k), Vec(0.0), groupWeight == Vec(0.0)), p);
}

fn gated(normed: Vec, v: Vec, at: Offsets) -> Vec {
  var y = normed;
  if (has_gate && !GATE_FIRST) {
    y *= gateFactor(load_gate(at.gate));
  }
  if (FILL < FILL_APPLIES) {
    let other = select(Vec(params.fill), ungated(v, at), FILL == FILL_KEEPS);
    y = select(other, y, maskAt(at) > Vec(0.0));
  }
  return y;
}
