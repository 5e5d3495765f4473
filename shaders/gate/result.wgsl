// The result of an element is that of the norm and its gate; then a gate of the skip multiplies it, and
// the skip is added.
// Expects: epilogue/affine, epilogue/parameters/*, gate/gated, loop/operands, reduce/state, vector/*,
//   tensor skip, tensor skipGate.
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
