// Gradient through tanh(factor x), where the factor is given.
// Expects: hyperbolic, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  return g * k.factor * hyperbolicSlope(k.factor * x);
}
