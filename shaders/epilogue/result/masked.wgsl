// The result of a masked element is a number, the element itself, or, as everywhere else, the
// epilogue of its normalized value, which is 0 where no element of the group is valid.
// Expects: epilogue/affine, epilogue/parameters/*, loop/operands, loop/uniforms, mask/rules,
//   mask/weight/*, normalize/apply/*, reduce/state, vector/*, tensor sum.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  let p = parametersWithin(ofLoop, at);
  let u = applyNormalizer(v, k);
  if (FILL == FILL_APPLIES) {
    return epilogue(select(u, Vec(0.0), groupWeight == Vec(0.0)), p);
  }
  let other = select(Vec(params.fill), v, FILL == FILL_KEEPS);
  return select(other, epilogue(u, p), maskAt(at) > Vec(0.0));
}

fn storeSum(at: Offsets, v: Vec) {
  store_sum(at.sum, v);
}
