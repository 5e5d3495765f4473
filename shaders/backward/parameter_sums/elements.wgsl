// What is summed: the elements themselves.
// Expects: source/elements.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let v = elementAt(at);
  return Summands(v, v);
}
