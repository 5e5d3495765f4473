// What is summed where neither statistics nor weight change within a job: for the gradients of weight and bias, and, times
// the weight, for dx.
// Expects: source/elements, a form/*, incoming.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let u = normalized(value(at), k);
  let g = atAffine(at, u, p);
  return Terms(g, g * u);
}
