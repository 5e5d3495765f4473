// The result of an element is that of the norm and its gate; then a gate of the skip multiplies it,
// and the skip is added.
// Expects: epilogue/affine, epilogue/parameters/*, gate/elements/*, gate/gated, loop/operands,
//   reduce/state, vector/*, tensor skip, tensor skipGate, tensor sum.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  var y = gated(normed(v, k, parametersWithin(ofLoop, at)), v, at);
  if (has_skipGate) {
    y *= load_skipGate(at.skipGate);
  }
  if (has_skip) {
    y += load_skip(at.skip);
  }
  return y;
}

// The sum is what a gate before the norm has multiplied: it is read again.
fn storeSum(at: Offsets, v: Vec) {
  if (has_sum) {
    store_sum(at.sum, ungated(v, at));
  }
}
