// What is summed: the elements themselves.
// Expects: source/elements.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let v = value(at);
  return Terms(v, v);
}
