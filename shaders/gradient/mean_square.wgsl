// Gradient through the mean square: dx = factor (g - u mean(g u)).
// Expects: params, moments.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(Wide(0.0), g * u);
}

fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Sums) -> Wide {
  return k.factor * (g - u * (s.second / params.count));
}
