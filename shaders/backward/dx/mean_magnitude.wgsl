// Gradient through the mean magnitude: dx = factor (g - sign(x) mean(g u)).
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  return k.factor * (g - sign(x) * (s.second / params.count));
}
