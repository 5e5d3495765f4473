// The result of an element is the epilogue of its normalized value.
// Expects: epilogue/affine, epilogue/parameters/*, loop/operands, normalize/apply/*, reduce/state,
//   vector/*.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  return epilogue(applyNormalizer(v, k), parametersWithin(ofLoop, at));
}
