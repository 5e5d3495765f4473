// An element's summands count as often as its weight says. Those of a masked element are selected
// away, since a product would keep NaN. The larger of two magnitudes does not depend on weights.
// Expects: mask/weight/*, reduce/state, reduce/statistic/*, vector/*.
fn weighed(s: Summands, w: Vec) -> Summands {
  if (WEIGHTS_ARE_FLAGS) {
    let valid = VecBits(0u) - min(bitcast<VecBits>(w), VecBits(1u)); // all bits, or none
    let first = bitcast<Vec>(bitcast<VecBits>(s.first) & valid);
    return Summands(first, bitcast<Vec>(bitcast<VecBits>(s.second) & valid));
  }
  let masked = w == Vec(0.0);
  let first = select(s.first * w, s.first, FIRST_IS_LARGEST);
  return Summands(select(first, Vec(0.0), masked), select(s.second * w, Vec(0.0), masked));
}
