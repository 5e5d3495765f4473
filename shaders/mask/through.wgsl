// The gradient at a valid x goes through the normalization and, in proportion to its weight,
// through the statistics of the group. A masked x has no part in these.
// Expects: backward/dx/*, loop/uniforms, mask/rules, reduce/state, vector/*.
override SUMS_ARE_MEANS = true; // dx divides the two sums by the number of elements

fn shareOf(s: Summands, w: Vec) -> Summands {
  if (SUMS_ARE_MEANS) {
    let n = w * params.count;
    return Summands(s.first * (n / groupWeight), s.second * (n / (groupWeight - params.correction)));
  }
  return Summands(s.first, s.second * w);
}

fn throughMask(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands, w: Vec, dy: Vec) -> Vec {
  let dx = inputGradient(g, u, x, k, shareOf(s, w));
  let valid = select(dx, Vec(0.0), groupWeight == Vec(0.0));
  if (FILL == FILL_APPLIES) {
    return valid;
  }
  return select(select(Vec(0.0), dy, FILL == FILL_KEEPS), valid, w > Vec(0.0));
}
