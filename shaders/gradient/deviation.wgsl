// Gradient through mean and deviation, where factor = 1 / (deviation + eps):
// dx = factor (g - mean(g)) - factor^2 mean(g u) (x - mean) / deviation.
// Expects: params, moments.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(g, g * u);
}

fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Sums) -> Wide {
  let share = 1.0 - k.factor * params.eps; // deviation / (deviation + eps)
  let through = select(u * (s.second / params.count) / share, Wide(0.0), u == Wide(0.0));
  return k.factor * ((g - s.first / params.count) - through);
}
