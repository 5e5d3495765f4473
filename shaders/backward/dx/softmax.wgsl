// Gradient through softmax: dx = u (g - sum(g u)).
// Expects: moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  return u * (g - s.second);
}
