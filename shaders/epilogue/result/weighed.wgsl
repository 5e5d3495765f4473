// The result of an element is its normalized value times its weight, and then the epilogue, as the
// gradient that a statistic passes to a valid element. That of a masked element is 0.
// Expects: epilogue/affine, epilogue/parameters/*, loop/operands, mask/weight/*, normalize/apply/*,
//   reduce/state, vector/*, tensor sum.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  let w = maskAt(at);
  let u = select(Vec(0.0), applyNormalizer(v, k) * w, w > Vec(0.0));
  return epilogue(u, parametersWithin(ofLoop, at));
}

fn storeSum(at: Offsets, v: Vec) {
  store_sum(at.sum, v);
}
