// The result of an element is the epilogue of its normalized value.
// Expects: epilogue/affine, epilogue/parameters/*, loop/operands, normalize/apply/*, reduce/state,
//   vector/*, tensor sum.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  return epilogue(applyNormalizer(v, k), parametersWithin(ofLoop, at));
}

fn storeSum(at: Offsets, v: Vec) {
  store_sum(at.sum, v);
}
