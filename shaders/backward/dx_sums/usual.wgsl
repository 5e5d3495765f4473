// What dx needs to know of all elements: the sums of g and g u.
// Expects: reduce/state, vector/*.
fn dxSummands(g: Vec, u: Vec, x: Vec, k: Normalizer) -> Summands {
  return Summands(g, g * u);
}
