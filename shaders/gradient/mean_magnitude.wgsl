// Gradient through the mean magnitude: dx = factor (g - sign(x) mean(g u)).
// Expects: params, moments.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(Wide(0.0), g * u);
}

fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Sums) -> Wide {
  return k.factor * (g - sign(x) * (s.second / params.count));
}
