// What is summed for dx.
// Expects: source/elements, a form/*, incoming, a gradient/*.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let x = value(at);
  let u = normalized(x, k);
  return sumTerms(atNormalized(at, u, p), u, x, k);
}
