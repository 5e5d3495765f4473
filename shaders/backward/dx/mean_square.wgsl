// Gradient through the mean square: dx = factor (g - u mean(g u)).
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  return k.factor * (g - u * (s.second / params.count));
}
