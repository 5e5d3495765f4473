// The result of a masked element is a number, the element itself, or, as everywhere else, the
// epilogue of its normalized value, which is 0 where no element of the group is valid.
// Expects: epilogue/affine, epilogue/parameters/*, loop/operands, loop/uniforms, mask/rules,
//   mask/weight/*, normalize/apply/*, reduce/state, vector/*, tensor sum.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  let u = select(applyNormalizer(v, k), Vec(0.0), groupWeight == Vec(0.0));
  let y = epilogue(u, parametersWithin(ofLoop, at));
  if (FILL == FILL_APPLIES) {
    return y;
  }
  let other = select(Vec(params.fill), v, FILL == FILL_KEEPS);
  return select(other, y, maskAt(at) > Vec(0.0));
}

fn storeSum(at: Offsets, v: Vec) {
  store_sum(at.sum, v);
}
