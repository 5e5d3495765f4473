// Gradient through the logarithm of softmax: dx = g - exp(u) sum(g).
// Expects: exponential, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  return g - exponential(u) * s.first;
}
