// Gradient through mean and deviation: dx = (g - mean(g) - xhat mean(g u)) / (deviation + eps), where xhat is (x - mean) /
// deviation; through a deviation of 0 there is none.
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  let xhat = ((x - k.pivot) - k.delta) / k.factor;
  let through = select(xhat * (s.second / params.count), Wide(0.0), k.factor == Wide(0.0));
  return (1.0 / (k.factor + params.eps)) * ((g - s.first / params.count) - through);
}
