// The gradient goes through the normalization as where the call has no mask.
// Expects: backward/dx/*, reduce/state, vector/*.
fn throughMask(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands, w: Vec, dy: Vec) -> Vec {
  return inputGradient(g, u, x, k, s);
}
