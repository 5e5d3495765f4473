// Gradient through the Euclidean norm: dx = factor (g - u sum(g u)); a clamped norm is constant.
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  let through = select(u * s.second, Wide(0.0), k.pivot < Wide(params.eps));
  return k.factor * (g - through);
}
