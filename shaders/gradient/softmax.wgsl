// Gradient through softmax: dx = u (g - sum(g u)).
// Expects: moments.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(Wide(0.0), g * u);
}

fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Sums) -> Wide {
  return u * (g - s.second);
}
