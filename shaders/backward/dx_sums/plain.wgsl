// The two dx sums of batch renormalization are those of g and of g times the normalized x before
// gain and offset.
// Expects: backward/dx/renormed, reduce/state, vector/*.
fn dxSummands(g: Vec, u: Vec, x: Vec, k: Normalizer) -> Summands {
  return Summands(g, g * normalizePlain(x, k));
}
