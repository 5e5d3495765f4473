// Gradient through mean and variance: dx = factor (g - mean(g) - u mean(g u)).
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  return k.factor * ((g - s.first / params.count) - u * (s.second / params.count));
}
