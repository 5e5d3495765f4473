// The two dx sums are those of g and of g u.
// Expects: reduce/state, vector/*.
fn dxSummands(g: Vec, u: Vec, x: Vec, k: Normalizer) -> Summands {
  return Summands(g, g * u);
}
