// Gradient where nothing is normalized: dx = g.
// Expects: moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  return g;
}
