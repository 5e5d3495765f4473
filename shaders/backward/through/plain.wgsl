// The gradient at x goes through the normalization and its statistics.
// Expects: backward/dx/*, loop/operands, reduce/state, vector/*.
fn throughNorm(at: Offsets, g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return inputGradient(g, u, x, k, s);
}
