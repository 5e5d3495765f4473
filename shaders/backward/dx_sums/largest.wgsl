// The two dx sums of the largest magnitude are the number of elements that have it and the sum of g
// u.
// Expects: reduce/state, vector/*.
fn dxSummands(g: Vec, u: Vec, x: Vec, k: Normalizer) -> Summands {
  return Summands(select(Vec(0.0), Vec(1.0), abs(x) == k.pivot), g * u);
}
