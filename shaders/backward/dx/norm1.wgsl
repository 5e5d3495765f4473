// Gradient through the sum of absolute values: dx = factor (g - sign(x) sum(g u)); a clamped norm is constant.
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  let through = select(sign(x) * s.second, Wide(0.0), k.pivot < Wide(params.eps));
  return k.factor * (g - through);
}
