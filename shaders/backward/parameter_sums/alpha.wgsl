// What is summed for the gradient of the factor in tanh(factor x).
// Expects: source/elements, a known/*, hyperbolic, a form/*, incoming.
fn gradientTerms(at: Place, k: Known, p: Parameters) -> Terms {
  let x = value(at);
  let own = knownAt(at.stat);
  let g = atNormalized(at, normalized(x, own), p);
  return Terms(g * x * hyperbolicSlope(own.factor * x), Wide(0.0));
}
