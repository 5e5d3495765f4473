// Gradient through the logarithm of softmax: dx = g - exp(u) sum(g).
// Expects: exponential, moments.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(g, Wide(0.0));
}

fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Sums) -> Wide {
  return g - exponential(u) * s.first;
}
