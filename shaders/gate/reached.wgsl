// A masked element has no part in what comes before the norm, unless the norm applies to masked
// elements as well. Whatever is not finite there reaches nothing.
// Expects: loop/operands, mask/rules, mask/weight/*, vector/*.
fn finiteAt(v: Vec, at: Offsets) -> Vec {
  let finite = (bitcast<VecBits>(v) & VecBits(0x7f800000u)) < VecBits(0x7f800000u);
  return select(Vec(0.0), v, finite | (maskAt(at) > Vec(0.0)));
}

fn reached(v: Vec, at: Offsets) -> Vec {
  if (FILL == FILL_APPLIES) {
    return finiteAt(v, at);
  }
  return select(Vec(0.0), v, maskAt(at) > Vec(0.0));
}
