// What dx needs to know of all elements where u is renormalized: the sums of g and of g times the plain normalized x.
// Expects: backward/dx/renormed, reduce/state, vector/*.
fn dxSummands(g: Vec, u: Vec, x: Vec, k: Normalizer) -> Summands {
  return Summands(g, g * normalizePlain(x, k));
}
