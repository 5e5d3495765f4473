// What is summed for dx.
// Expects: source/elements, a form/*, incoming, a gradient/*.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let u = applyNormalizer(x, k);
  return dxSummands(gradNormalized(at, u, p), u, x, k);
}
