// The gradient at x goes through the normalization and its statistics, and is joined by what else
// arrives at x.
// Expects: backward/dx/*, loop/operands, reduce/state, vector/*, tensor dSum.
fn throughNorm(at: Offsets, g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return inputGradient(g, u, x, k, s) + load_dSum(at.dSum);
}
